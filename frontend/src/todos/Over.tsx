import { useEffect, useState } from "preact/hooks";
import { lazily, load } from "./lazily.ts";
import { useStage } from "./stage.ts";

const RETRY = 5_000; // milliseconds

/** What lies over the screen: its script comes once the screen stands. */
export function Over() {
  const stage = useStage();
  const [isLoaded, setLoaded] = useState(false);
  useEffect(() => {
    let waiting = setTimeout(get);
    function get() {
      load().then(
        () => {
          setLoaded(true);
        },
        () => {
          waiting = setTimeout(get, RETRY);
        },
      );
    }
    return () => {
      clearTimeout(waiting);
    };
  }, [stage]);
  return isLoaded && lazily.loaded ? <lazily.loaded.Later /> : null;
}
