import { useEffect, useRef, useState } from "preact/hooks";
import { words } from "../words/index.ts";
import { useFault } from "./Form.tsx";
import { useVerdict, type Judging, type Verdict } from "./verdict.ts";
import "../styles/password.css";

interface PasswordProps {
  name: string;
  /** Where another form of the page has a field of this name. */
  id?: string;
  label: string;
  autocomplete: "current-password" | "new-password";
  /** Let the service judge what is typed, by its own rules. */
  judged?: Judging;
}

/** A field for a password, which can be shown; a new one is judged while it is typed. */
export function Password({ name, id = name, label, autocomplete, judged }: PasswordProps) {
  const input = useRef<HTMLInputElement>(null);
  const [shown, setShown] = useState(false);
  const fault = useFault(name);
  const { verdict, judge } = useVerdict(judged);
  useHiddenOnSubmit(input, setShown);

  const attributes: object = { type: shown ? "text" : "password" }; // its types tell apart kinds of fields
  const told = fault ?? verdict?.text ?? (judged && words.entry.passwordHint);
  return (
    <div class="field password">
      <label for={id}>{label}</label>
      <div class="password-row">
        <input
          {...attributes}
          ref={input}
          id={id}
          name={name}
          autocomplete={autocomplete}
          autocapitalize="none"
          spellcheck={false}
          maxLength={1024}
          required
          aria-invalid={Boolean(fault)}
          {...(told && { "aria-describedby": `${id}-told` })}
          onInput={(event) => {
            judge(event.currentTarget.value);
          }}
        />
        <button
          type="button"
          class="quiet reveal"
          aria-label={words.common.showPassword}
          aria-pressed={shown}
          aria-controls={id}
          onClick={() => {
            setShown(!shown);
          }}
        >
          <Eye open={shown} />
        </button>
      </div>
      {told && (
        <p id={`${id}-told`} class={`told ${toneOf(fault, verdict)}`} aria-live="polite">
          {/* new for each text: where it begins may differ, and nothing is to be seen moving */}
          <span key={told}>{told}</span>
        </p>
      )}
    </div>
  );
}

function toneOf(fault: string | undefined, verdict: Verdict | undefined): string {
  if (fault) return "fault";
  if (verdict) return verdict.acceptable ? "good" : "bad";
  return "hint";
}

/** A password that is shown while its form is sent would be kept by the browser among the texts it offers again. */
function useHiddenOnSubmit(input: { current: HTMLInputElement | null }, setShown: (shown: boolean) => void) {
  useEffect(() => {
    const form = input.current?.form;
    const hide = () => {
      setShown(false);
    };
    form?.addEventListener("submit", hide);
    return () => {
      form?.removeEventListener("submit", hide);
    };
  }, [input, setShown]);
}

function Eye({ open }: { open: boolean }) {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" class="eye">
      <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z" />
      <circle cx="12" cy="12" r="2.75" />
      {!open && <path d="M4 20 20 4" />}
    </svg>
  );
}
