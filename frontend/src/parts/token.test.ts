import { afterEach, beforeEach, expect, it, vi } from "vitest";

beforeEach(() => {
  vi.resetModules();
});
afterEach(() => {
  history.replaceState(null, "", "/");
  vi.restoreAllMocks();
});

async function openedAt(address: string) {
  history.replaceState(null, "", address);
  return (await import("./token.ts")).token;
}

it.each([
  ["/verify-email?token=a.b~c", "a.b~c"],
  ["/verify-email#token=a.b~c", "a.b~c"],
  ["/verify-email?token=old#token=new", "new"],
  ["/verify-email?utm=x&token=a", "a"],
  ["/verify-email?token=", ""],
])("takes the token of %s out of the address", async (address, token) => {
  expect(await openedAt(address)).toBe(token);
  expect(location.pathname + location.search + location.hash).toBe("/verify-email");
  expect(history.state).toBeNull();
});

it("leaves an address without a token alone", async () => {
  expect(await openedAt("/verify-email?next=x#content")).toBe("");
  expect(location.search + location.hash).toBe("?next=x#content");
});

it("loads anew for another link, and for no other jump", async () => {
  await openedAt("/verify-email?token=a");
  const reload = vi.spyOn(location, "reload").mockImplementation(() => undefined);
  history.replaceState(null, "", "#content");
  dispatchEvent(new HashChangeEvent("hashchange"));
  expect(reload).not.toHaveBeenCalled();
  history.replaceState(null, "", "#token=b");
  dispatchEvent(new HashChangeEvent("hashchange"));
  expect(reload).toHaveBeenCalled();
});
