import { act, render } from "@testing-library/preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TimeLeft } from "./TimeLeft.tsx";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (seconds: number) =>
  act(async () => {
    await vi.advanceTimersByTimeAsync(seconds * 1000);
  });
const shown = () => document.querySelector("[role=timer]")?.textContent;
const said = () => document.querySelector("[role=status]")?.textContent;

test("until the time is known there is none", async () => {
  render(<TimeLeft seconds={undefined} onEnd={vi.fn()} />);
  await pass(10);
  expect(shown()).toBeUndefined();
  expect(said()).toBeUndefined();
});

test("it counts down, is said at the start and at ten, five and one minutes, and ends once", async () => {
  const onEnd = vi.fn();
  render(<TimeLeft seconds={3600} onEnd={onEnd} />);
  await pass(0);
  const heard = new Set([said()]);
  const seen = new Set([shown()]);
  for (let second = 1; second < 3600; second++) {
    await pass(1);
    heard.add(said());
    seen.add(shown());
  }
  expect(onEnd).not.toHaveBeenCalled();
  expect([...heard]).toEqual([
    "Your link works for 60 more minutes.",
    "Your link works for 10 more minutes.",
    "Your link works for 5 more minutes.",
    "Your link works for 60 more seconds.",
  ]);
  expect(seen).toContain("Your link works for 30 more minutes.");
  expect(seen).toContain("Your link works for 1 more second.");
  await pass(10);
  expect(onEnd).toHaveBeenCalledOnce();
});

test("sleep does not stop the clock", async () => {
  const onEnd = vi.fn();
  render(<TimeLeft seconds={600} onEnd={onEnd} />);
  await pass(0);
  vi.setSystemTime(Date.now() + 3_600_000);
  await pass(1);
  expect(onEnd).toHaveBeenCalledOnce();
});
