import { useEffect, useState } from "preact/hooks";
import { api } from "../api/client.ts";
import { Languages } from "../parts/Languages.tsx";
import { words } from "../words/index.ts";
import "../styles/account.css";
import { asked, useAsked } from "./asked.ts";
import { ChangeEmail } from "./ChangeEmail.tsx";
import { ChangePassword } from "./ChangePassword.tsx";
import { Data } from "./Data.tsx";
import { Delete } from "./Delete.tsx";
import { Events } from "./Events.tsx";
import { Failed } from "./Failed.tsx";
import { Leaving, Left } from "./Leaving.tsx";
import { Profile, type Person } from "./Profile.tsx";
import { Sessions } from "./Sessions.tsx";
import { Told, useTold } from "./Told.tsx";

const who = () => asked(api.GET("/api/v1/me"));

/** The account's page. */
export function Account() {
  const { result, setResult, load } = useAsked(who);
  const [stamp, setStamp] = useState(0);
  const [leftAt, setLeftAt] = useState<Date>();
  const { told, tell, fail } = useTold();
  const person = result?.ok ? result.data : undefined;
  const happened = () => {
    setStamp((before) => before + 1);
  };
  const setPerson = (data: Person) => {
    if (result?.ok) setResult({ ...result, data });
  };

  useEffect(() => {
    // in another language than the HTML's, the place that the address leads to has only come now
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, []);

  async function logOut() {
    const over = await asked(api.POST("/api/v1/auth/logout"));
    if (over.ok) location.assign("/log-in");
    else fail(over.problem);
  }

  function kept() {
    setPerson({ ...person!, erase_at: null });
    tell(() => words.account.deletion.kept);
    happened();
  }

  if (leftAt) return <Left at={leftAt} />;
  return (
    <div class="account">
      <a class="skip" href="#content">
        {words.common.skip}
      </a>
      <header class="account-head">
        <a class="brand" href="/">
          {words.common.product}
        </a>
        <a class="button" href="/">
          {words.account.todos}
        </a>
        <button type="button" onClick={logOut}>
          {words.account.logOut}
        </button>
      </header>
      <Sections />
      <main id="content" tabIndex={-1}>
        <h1>{words.account.title}</h1>
        <Told told={told} />
        {result && !result.ok && <Failed problem={result.problem} again={load} />}
        <Profile person={person} setPerson={setPerson} />
        <ChangePassword person={person} onChange={happened} />
        <ChangeEmail person={person} onChange={happened} />
        <Sessions stamp={stamp} onChange={happened} />
        <Events stamp={stamp} />
        <Data onChange={happened} />
        <Delete
          eraseAt={person?.erase_at}
          onAsked={() => {
            setLeftAt(new Date());
          }}
        />
      </main>
      <footer class="account-foot">
        <Languages />
      </footer>
      {person?.erase_at && <Leaving eraseAt={person.erase_at} onKept={kept} />}
    </div>
  );
}

function Sections() {
  return (
    <nav class="sections" aria-label={words.account.sections}>
      <ul>
        {Object.entries(words.account.places).map(([id, title]) => (
          <li key={id}>
            <a href={`#${id}`}>{title}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
