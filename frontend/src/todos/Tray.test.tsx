import { act, fireEvent, render, screen } from "@testing-library/preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Stage, StageProvider } from "./stage.ts";
import { fakeStore, todoOf } from "./store.fake.ts";
import { Tray } from "./Tray.tsx";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function shown() {
  const fake = fakeStore("Milk");
  const stage = new Stage(fake.store);
  render(
    <StageProvider value={stage}>
      <Tray />
    </StageProvider>,
  );
  return { ...fake, stage };
}

function happen(what: () => void) {
  void act(what);
}

function pass(milliseconds: number) {
  happen(() => {
    vi.advanceTimersByTime(milliseconds);
  });
}

const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));

test("what is done can be undone for ten seconds", () => {
  const { stage, asked } = shown();
  happen(() => {
    stage.complete(todoOf("Milk"));
  });
  pass(9_900);
  expect(screen.getByText("Done: Milk")).toBeTruthy();
  press("Undo");
  expect(asked.at(-1)).toEqual(["complete", "Milk", false]);
  happen(() => {
    stage.complete(todoOf("Milk"));
  });
  pass(10_100);
  expect(screen.queryByText("Done: Milk")).toBeNull();
});

test("it does not go away while somebody is at it", () => {
  const { stage } = shown();
  happen(() => {
    stage.complete(todoOf("Milk"));
  });
  screen.getByRole("button", { name: "Undo" }).focus();
  pass(30_000);
  expect(screen.getByText("Done: Milk")).toBeTruthy();
});

test("of a conflict both sides are told, and theirs can be taken", () => {
  const { notices } = shown();
  const takeTheirs = vi.fn();
  const fields = {
    title: { yours: "Oat milk", theirs: "Soy milk" },
    notes: { yours: "!", theirs: null },
    completed: { yours: false, theirs: true },
    tags: { yours: [], theirs: ["a", "b"] },
    priority: { yours: "none", theirs: "high" },
  };
  happen(() => {
    notices.value = [{ key: 1, kind: "conflict", title: "Oat milk", fields, takeTheirs }];
  });
  for (const theirs of ["Soy milk", "nothing", "Done", "a, b", "High priority"])
    expect(screen.getByText(new RegExp(`there it says “${theirs}”`))).toBeTruthy();
  press("Take theirs");
  expect(takeTheirs).toHaveBeenCalledOnce();
  expect(notices.value).toEqual([]);
});

test("what failed says why, and can be tried again", () => {
  const { notices } = shown();
  const again = vi.fn();
  const problem = { slug: "invalid-input", status: 422, text: "Not so.", fields: { title: "Too long." } };
  happen(() => {
    notices.value = [{ key: 1, kind: "failed", title: "Milk", problem, again }];
  });
  expect(screen.getByText("Not so. Too long.")).toBeTruthy();
  press("Try again");
  expect(again).toHaveBeenCalledOnce();
  expect(notices.value).toEqual([]);
});

test("offline, the number of changes that wait is told", () => {
  const { connection, waiting, asked } = shown();
  happen(() => {
    connection.value = "offline";
  });
  expect(screen.getByText(/is kept here/)).toBeTruthy();
  happen(() => {
    waiting.value = 2;
  });
  expect(screen.getByText("2 changes are not saved yet.")).toBeTruthy();
  press("Try again");
  expect(asked).toEqual([["retry"]]);
});
