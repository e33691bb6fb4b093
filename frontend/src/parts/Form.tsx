import { createContext, type ComponentChildren } from "preact";
import { useContext, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/problem.ts";
import { inOurWords } from "../api/rules.ts";
import { Notice } from "./Notice.tsx";
import { words } from "../words/index.ts";

const Faults = createContext<Record<string, string>>({});

/** What is wrong with the field of that name, by the last answer. */
export function useFault(name: string): string | undefined {
  const fault = useContext(Faults)[name];
  return fault && inOurWords(fault);
}

interface FormProps {
  /** Where the form goes without script. */
  action: string;
  /** Do it; return why it failed, or nothing. */
  submit: (values: Record<string, string>) => Promise<Problem | undefined>;
  button: string;
  /** How the button looks. */
  look?: "primary" | "danger";
  /** What one can do about a problem that is no field's: a link or a button, behind its sentence. */
  help?: (problem: Problem) => ComponentChildren;
  children: ComponentChildren;
}

/** A form that says at each field what is wrong with it, and leads there. */
export function Form({ action, submit, button, look = "primary", help, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [problem, setProblem] = useState<Problem>();
  const [names, setNames] = useState<string[]>([]);
  const [mended, setMended] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);

  useLayoutEffect(() => {
    if (!problem || !form.current) return;
    // by its name: what is said at a field comes after this, by another render
    const fields = [...form.current.querySelectorAll<HTMLInputElement>("[name]:not([type=hidden])")];
    const wrong = fields.find(({ name }) => name in problem.fields);
    (form.current.querySelector<HTMLElement>("[role=alert]") ?? wrong)?.focus();
  }, [problem]);

  async function onSubmit(event: SubmitEvent) {
    event.preventDefault();
    if (busy || !form.current) return;
    const values = Object.fromEntries(new FormData(form.current)) as Record<string, string>;
    setBusy(true);
    setProblem(await submit(values));
    setNames(Object.keys(values));
    setMended([]);
    setBusy(false);
  }

  /** What was said of a value is not true of what is typed in its place. */
  function onInput({ target }: Event) {
    const { name } = target as HTMLInputElement;
    if (problem?.fields[name]) setMended([...mended, name]);
  }

  const told = Object.entries(problem?.fields ?? {});
  const unplaced = told.filter(([name]) => !names.includes(name)).map(([, fault]) => inOurWords(fault));
  const faults = Object.fromEntries(told.filter(([name]) => !mended.includes(name)));
  return (
    <form ref={form} method="post" action={action} onSubmit={onSubmit} onInput={onInput} aria-busy={busy}>
      {problem && (unplaced.length > 0 || told.length === 0) && (
        <Notice kind="error">
          {unplaced.join(" ") || problem.text} {help?.(problem)}
        </Notice>
      )}
      <Faults.Provider value={faults}>{children}</Faults.Provider>
      <button class={look} disabled={busy}>
        {busy ? words.common.wait : button}
      </button>
    </form>
  );
}
