import { useCallback, useEffect, useState } from "preact/hooks";
import { outcome, type Outcome } from "../api/client.ts";

/** Wait for a request; when the session is over, the page is left for the log-in, and there is nothing to wait for. */
export async function asked<Data>(request: Parameters<typeof outcome<Data>>[0]): Promise<Outcome<Data>> {
  return heeded(await outcome(request));
}

/** Leave for the log-in, if that is what the answer means. */
export function heeded<Data>(result: Outcome<Data>): Outcome<Data> | Promise<never> {
  return !result.ok && result.problem.status === 401 ? logIn() : result;
}

/** Leave for the log-in, which leads back to this place. */
export function logIn(): Promise<never> {
  location.replace(`/log-in?next=/account${encodeURIComponent(location.hash)}`);
  return new Promise(() => undefined);
}

/** What a section shows: asked for at once, and whenever `stamp` is another. */
export function useAsked<Data>(ask: () => Promise<Outcome<Data>>, stamp = 0) {
  const [result, setResult] = useState<Outcome<Data>>();
  const load = useCallback(async () => {
    setResult(await ask());
  }, [ask]);
  useEffect(() => {
    void load();
  }, [load, stamp]);
  return { result, setResult, load };
}
