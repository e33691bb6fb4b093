import { afterEach, expect, test, vi } from "vitest";
import { forget, remember, remembered } from "./asked.ts";

afterEach(() => {
  vi.restoreAllMocks();
  sessionStorage.clear();
});

test("an address is remembered until it is forgotten", () => {
  expect(remembered()).toBeUndefined();
  remember({ email: "ann@example.org", why: "reset" });
  expect(remembered()).toEqual({ email: "ann@example.org", why: "reset" });
  forget();
  expect(remembered()).toBeUndefined();
});

test.each(["null", "7", "{}", '{"email": 7}', "no JSON"])("%s is no address", (kept) => {
  sessionStorage.setItem("asked", kept);
  expect(remembered()).toBeUndefined();
});

test("where storage is forbidden nothing is remembered, and nothing breaks", () => {
  vi.spyOn(globalThis, "sessionStorage", "get").mockImplementation(() => {
    throw new DOMException("forbidden", "SecurityError");
  });
  remember({ email: "ann@example.org", why: "reset" });
  expect(remembered()).toBeUndefined();
  forget();
});
