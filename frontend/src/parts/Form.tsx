import { createContext, type ComponentChildren } from "preact";
import { useContext, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/problem.ts";
import { Notice } from "./Notice.tsx";
import { words } from "../words/index.ts";

const Faults = createContext<Record<string, string>>({});

/** What is wrong with the field of that name, by the last answer. */
export const useFault = (name: string): string | undefined => useContext(Faults)[name];

interface FormProps {
  /** Where the form goes without script. */
  action: string;
  /** Do it; return why it failed, or nothing. */
  submit: (values: Record<string, string>) => Promise<Problem | undefined>;
  button: string;
  children: ComponentChildren;
}

/** A form that says at each field what is wrong with it, and leads there. */
export function Form({ action, submit, button, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [problem, setProblem] = useState<Problem>();
  const [names, setNames] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);

  useLayoutEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>("[aria-invalid=true], [role=alert]")?.focus();
  }, [problem]);

  async function onSubmit(event: SubmitEvent) {
    event.preventDefault();
    if (busy || !form.current) return;
    const values = Object.fromEntries(new FormData(form.current)) as Record<string, string>;
    setBusy(true);
    setProblem(await submit(values));
    setNames(Object.keys(values));
    setBusy(false);
  }

  const faults = problem?.fields ?? {};
  const unplaced = Object.keys(faults).filter((name) => !names.includes(name));
  return (
    <form ref={form} method="post" action={action} onSubmit={onSubmit} aria-busy={busy}>
      {problem && (unplaced.length > 0 || Object.keys(faults).length === 0) && (
        <Notice kind="error">{unplaced.map((name) => faults[name]).join(" ") || problem.text}</Notice>
      )}
      <Faults.Provider value={faults}>{children}</Faults.Provider>
      <button class="primary" disabled={busy}>
        {busy ? words.common.wait : button}
      </button>
    </form>
  );
}
