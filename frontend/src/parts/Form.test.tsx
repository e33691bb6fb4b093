import { fireEvent, render, screen, waitFor } from "@testing-library/preact";
import { expect, test, vi } from "vitest";
import type { Problem } from "../api/problem.ts";
import { Field } from "./Field.tsx";
import { Form } from "./Form.tsx";

const problem = (fields: Record<string, string>): Problem => ({
  slug: "invalid-input",
  status: 422,
  text: "Some of the input is not valid",
  fields,
});

function show(submit: (values: Record<string, string>) => Promise<Problem | undefined>) {
  render(
    <Form action="/there" submit={submit} button="Send" help={({ slug }) => <a href="/help">{slug}</a>}>
      <Field name="one" label="One" defaultValue="1" />
      <Field name="two" label="Two" defaultValue="2" />
    </Form>,
  );
  return { send: () => fireEvent.submit(document.querySelector("form")!) };
}

const faultOf = (name: string) => document.getElementById(`${name}-fault`)?.textContent;

test("faults stand at their fields, and the focus is at the first", async () => {
  const { send } = show(() => Promise.resolve(problem({ two: "too big", one: "too small" })));
  send();
  await waitFor(() => {
    expect(faultOf("two")).toBe("too big");
  });
  expect(faultOf("one")).toBe("too small");
  expect(document.activeElement).toBe(screen.getByLabelText("One"));
  expect(screen.queryByRole("alert")).toBeNull();
});

test("a fault goes when its field is mended, the others stay, and the focus stays where it is", async () => {
  const { send } = show(() => Promise.resolve(problem({ two: "too big", one: "too small" })));
  send();
  await waitFor(() => {
    expect(faultOf("two")).toBe("too big");
  });
  const two = screen.getByLabelText("Two");
  two.focus();
  fireEvent.input(two, { target: { value: "1" } });
  await waitFor(() => {
    expect(faultOf("two")).toBeUndefined();
  });
  expect(faultOf("one")).toBe("too small");
  expect(document.activeElement).toBe(two);
});

test("what is no field's fault stands above them all, with help", async () => {
  const { send } = show(() => Promise.resolve(problem({})));
  send();
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toBe("Some of the input is not valid invalid-input");
  expect(alert.querySelector("a")?.getAttribute("href")).toBe("/help");
  expect(document.activeElement).toBe(alert);
});

test("a fault of what has no field here is told above them all", async () => {
  const { send } = show(() => Promise.resolve(problem({ three: "is missing" })));
  send();
  expect((await screen.findByRole("alert")).textContent).toContain("is missing");
});

test("while it is on its way it is not sent twice", async () => {
  let resolve: (value: undefined) => void = vi.fn();
  const submit = vi.fn(() => new Promise<undefined>((done) => (resolve = done)));
  const { send } = show(submit);
  send();
  await screen.findByText("One moment…");
  send();
  resolve(undefined);
  await screen.findByText("Send");
  expect(submit.mock.calls).toEqual([[{ one: "1", two: "2" }]]);
});
