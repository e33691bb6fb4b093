import { describe, expect, it } from "vitest";
import { between, closeBehind, placed, positionAt } from "./position.ts";

describe("a position", () => {
  // What the service gives for the same (todo_core.model.position.between).
  it.each([
    [undefined, undefined, "V"],
    ["V", undefined, "k"],
    [undefined, "V", "F"],
    ["A", "B", "AV"],
    ["A", "AV", "AF"],
    ["A1", "A2", "A1V"],
    ["A", "A01", "A00V"],
    ["z", undefined, "zV"],
    ["8abc", "8abd", "8abcV"],
  ])("between %s and %s is %s", (before, after, position) => {
    expect(between(before, after)).toBe(position);
  });

  it("is always found between two", () => {
    let [low, high] = ["A", "B"];
    for (let turn = 0; turn < 200; turn++) {
      const middle = between(low, high);
      expect(low < middle && middle < high && !middle.endsWith("0")).toBe(true);
      if (turn % 3) low = middle;
      else high = middle;
    }
  });

  it("close behind another is in front of what is between it and the next", () => {
    expect(closeBehind("8abc")).toBe("8abcV");
  });

  it("of a moment is the service's, but for its last digit", () => {
    expect(positionAt(Date.UTC(2026, 10, 20)).slice(0, -1)).toBe("8DkJocrdg");
    expect(positionAt(1000) < positionAt(1001)).toBe(true);
  });
});

describe("a place", () => {
  const like = ["B", "D", "D", "F"].map((position, index) => ({ key: String(index), position }));
  const moved = { key: "x", position: "H" };

  it("among those that share a position is behind them", () => {
    expect(placed(like, moved, like[1], false)).toBe("E");
  });

  it("beside what is not among them is none", () => {
    expect(placed(like, moved, { key: "y", position: "Z" }, true)).toBeUndefined();
  });

  it("does not count what is moved itself", () => {
    expect(placed(like, like[0]!, like[1], true)).toBe(between(undefined, "D"));
  });
});
