import { act, fireEvent, render, screen } from "@testing-library/preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { words } from "../words/index.ts";
import { Password } from "./Password.tsx";
import type { Judging } from "./verdict.ts";

const asked = vi.fn<(body: unknown) => Response | Promise<Response>>();

beforeEach(() => {
  vi.useFakeTimers();
  asked.mockReset().mockImplementation(() => Response.json({ acceptable: true, detail: null }));
  vi.stubGlobal("fetch", async (request: Request) => {
    expect(new URL(request.url).pathname).toBe("/api/v1/auth/password-check");
    const answer = await asked(await request.json());
    request.signal.throwIfAborted();
    return answer;
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function show(judged: Judging = {}) {
  render(<Password name="password" label="Password" autocomplete="new-password" judged={judged} />);
  const field = screen.getByLabelText<HTMLInputElement>("Password");
  return {
    type: (value: string) => fireEvent.input(field, { target: { value } }),
    told: () => document.getElementById("password-told")!,
  };
}

const pass = (milliseconds: number) =>
  act(async () => {
    await vi.advanceTimersByTimeAsync(milliseconds);
  });

test("nobody is asked about short beginnings", async () => {
  const { type, told } = show();
  type("seven77");
  await pass(5000);
  expect(asked).not.toHaveBeenCalled();
  expect(told().textContent).toBe(words.entry.passwordHint);
});

test("typing is judged when it pauses, and only what is there then", async () => {
  const { type, told } = show();
  for (const text of ["a password", "a password of", "a password of words"]) {
    type(text);
    await pass(399);
  }
  expect(asked).not.toHaveBeenCalled();
  await pass(1);
  expect(asked.mock.calls).toEqual([[{ password: "a password of words", email: null, token: null }]]);
  expect(told().textContent).toBe(words.entry.passwordGood);
  expect(told().className).toContain("good");
});

test("it is judged for whom it would be", async () => {
  const { type } = show({ email: () => "ann@example.org", token: "a token" });
  type("a password of words");
  await pass(400);
  expect(asked.mock.calls).toEqual([
    [{ password: "a password of words", email: "ann@example.org", token: "a token" }],
  ]);
});

test("a verdict that comes too late counts for nothing", async () => {
  const { type, told } = show();
  let answer: (response: Response) => void = vi.fn();
  asked.mockImplementationOnce(() => new Promise((done) => (answer = done)));
  type("password1234");
  await pass(400);
  type("a password of words");
  answer(Response.json({ acceptable: false, detail: "too late" }));
  await pass(399);
  expect(told().textContent).not.toContain("too late");
  await pass(1);
  expect(told().textContent).toBe(words.entry.passwordGood);
});

test("what breaks a rule is told in our words, and forgotten when it is taken away", async () => {
  const { type, told } = show();
  asked.mockImplementation(() =>
    Response.json({ acceptable: false, detail: "A password needs at least 20 characters." }),
  );
  type("a password of words");
  await pass(400);
  expect(told().textContent).toBe("At least 20 characters, please.");
  expect(told().className).toContain("bad");
  type("");
  await pass(0);
  expect(told().textContent).toBe(words.entry.passwordHint);
});

test("after too many questions it is silent for as long as it was told", async () => {
  const { type, told } = show();
  type("a first password");
  await pass(400);
  expect(told().textContent).toBe(words.entry.passwordGood);
  asked.mockImplementationOnce(() => Response.json({}, { status: 429, headers: { "Retry-After": "30" } }));
  type("a password of words");
  await pass(400);
  expect(told().textContent).toBe(words.entry.passwordHint);
  type("a password of words, longer");
  await pass(29_000);
  expect(asked).toHaveBeenCalledTimes(2);
  expect(told().textContent).toBe(words.entry.passwordHint);
  await pass(1000);
  type("a password of words, much longer");
  await pass(400);
  expect(asked).toHaveBeenCalledTimes(3);
});

test("without the service there is no verdict", async () => {
  const { type, told } = show();
  asked.mockImplementation(() => Promise.reject(new TypeError("away")));
  type("a password of words");
  await pass(400);
  expect(told().textContent).toBe(words.entry.passwordHint);
});

test("a link that died while somebody was typing is told of", async () => {
  const onDeadLink = vi.fn();
  const { type } = show({ token: "a token", onDeadLink });
  const problem = { type: "http://localhost/problems/invalid-token" };
  asked.mockImplementation(() => Response.json(problem, { status: 400 }));
  type("a password of words");
  await pass(400);
  expect(onDeadLink).toHaveBeenCalledOnce();
});

test("a password that is to be compared is not judged", async () => {
  render(<Password name="password" label="Password" autocomplete="current-password" />);
  fireEvent.input(screen.getByLabelText("Password"), { target: { value: "a password of words" } });
  await pass(5000);
  expect(asked).not.toHaveBeenCalled();
  expect(document.getElementById("password-told")).toBeNull();
});

test("a password that is shown is hidden when its form is sent", async () => {
  render(
    <form>
      <Password name="password" label="Password" autocomplete="new-password" />
    </form>,
  );
  await pass(0);
  const field = screen.getByLabelText<HTMLInputElement>("Password");
  fireEvent.click(screen.getByRole("button"));
  await pass(0);
  expect(field.type).toBe("text");
  fireEvent.submit(field.form!);
  await pass(0);
  expect(field.type).toBe("password");
});
