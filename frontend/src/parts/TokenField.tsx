import { useEffect, useState } from "preact/hooks";
import { words } from "../words/index.ts";
import "../styles/token.css";

/**
 * Where the service puts the token of a link in a form that is sent without script: it fills this very element in the
 * page's HTML. Where it could not, the form says why. Where scripts run all that goes away, for `token` has it.
 */
export function TokenField() {
  const [wanted, setWanted] = useState(true);
  useEffect(() => {
    setWanted(false);
  }, []);
  return wanted ? (
    <>
      <input type="hidden" name="token" />
      <noscript>
        <p class="tokenless">{words.links.tokenless}</p>
      </noscript>
    </>
  ) : null;
}
