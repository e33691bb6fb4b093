import { fireEvent, render, screen, waitFor } from "@testing-library/preact";
import { afterEach, expect, test, vi } from "vitest";
import { Import } from "./Import.tsx";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a file that is sent again after the line broke has the same key, another file another", async () => {
  const keys: (string | null)[] = [];
  let broken = true;
  vi.stubGlobal("fetch", (path: string, { headers }: RequestInit) => {
    const found = Response.json({ todos: 1, lists: 0, dry_run: path.includes("dry_run") });
    if (path.includes("dry_run")) return Promise.resolve(found);
    keys.push(new Headers(headers).get("Idempotency-Key"));
    return broken ? Promise.reject(new TypeError("no network")) : Promise.resolve(found);
  });
  render(<Import />);
  const choose = async () => {
    fireEvent.change(screen.getByLabelText("File"), {
      target: { files: [new File(["title\nOne\n"], "one.csv")] },
    });
    await screen.findByText("1 todo would come, and 0 new lists.");
  };
  const bring = () => {
    fireEvent.submit(screen.getByRole("button", { name: "Bring them in" }).closest("form")!);
  };
  await choose();
  bring();
  await screen.findByText(/cannot be reached/);
  broken = false;
  bring();
  await screen.findByText("1 todo is yours now.");
  await choose();
  bring();
  await waitFor(() => {
    expect(keys).toHaveLength(3);
  });
  expect(keys[0]).toBeTruthy();
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[0]);
});
