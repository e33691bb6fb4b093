import { fireEvent, render, screen, waitFor } from "@testing-library/preact";
import { render as prerender } from "preact-render-to-string";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { words } from "../words/index.ts";
import { Redeem } from "./Redeem.tsx";
import { TokenField } from "./TokenField.tsx";

const link = vi.hoisted(() => ({ token: "" }));
vi.mock("./token.ts", () => link);

const TEXTS = { title: "Title", lead: "Lead", button: "Press", done: "Done" };
const asked = vi.fn<(request: Request) => Promise<Response>>();

beforeEach(() => {
  vi.stubGlobal("fetch", asked);
});
afterEach(() => {
  vi.unstubAllGlobals();
  asked.mockReset();
});

function shown(token: string) {
  link.token = token;
  render(
    <Redeem
      form="undo-deletion"
      path="/api/v1/auth/undo-deletion"
      texts={TEXTS}
      next="Go on"
      instead="Do this instead"
    />,
  );
}

function answer(status: number, body: object | null = null) {
  asked.mockResolvedValueOnce(
    new Response(body && JSON.stringify(body), {
      status,
      headers: { "content-type": "application/problem+json" },
    }),
  );
}

const press = () => {
  fireEvent.submit(screen.getByRole("button", { name: "Press" }).closest("form")!);
};

it("asks nothing until the button is pressed", async () => {
  shown("a-token");
  expect(asked).not.toHaveBeenCalled();
  expect(document.body.innerHTML).not.toContain("a-token");
  answer(204);
  press();
  await screen.findByText("Go on");
  expect(screen.getByRole("status").textContent).toBe("Done");
  expect(asked).toHaveBeenCalledOnce();
  expect(await asked.mock.calls[0]![0].json()).toEqual({ token: "a-token" });
});

it.each([
  [400, { type: "https://example.org/problems/invalid-token" }],
  [
    422,
    {
      type: "https://example.org/problems/invalid-input",
      errors: [{ pointer: "/token", detail: "Too long" }],
    },
  ],
])("says of a link that is refused by %i that it is dead", async (status, body) => {
  shown("a-token");
  answer(status, body);
  press();
  await screen.findByText("Do this instead");
  expect(screen.getByRole("alert").textContent).toBe(words.links.dead);
  expect(screen.queryByRole("button", { name: "Press" })).toBeNull();
});

it("keeps the link when the service cannot be reached", async () => {
  shown("a-token");
  asked.mockRejectedValueOnce(new TypeError("offline"));
  press();
  await waitFor(() => {
    expect(screen.getByRole("alert").textContent).toContain(words.common.unreachable);
  });
  answer(204);
  press();
  await screen.findByText("Go on");
});

it("says that there is no link where there is no token", async () => {
  shown("");
  await screen.findByText("Do this instead");
  expect(screen.getByRole("alert").textContent).toBe(words.links.missing);
});

it("has a place for the token without script, and none with it", async () => {
  expect(prerender(<TokenField />)).toContain('<input type="hidden" name="token"/>');
  const { container } = render(<TokenField />);
  await waitFor(() => {
    expect(container.innerHTML).toBe("");
  });
});
