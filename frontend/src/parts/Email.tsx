import { useEffect } from "preact/hooks";
import { words } from "../words/index.ts";
import { remembered } from "./asked.ts";
import { Field } from "./Field.tsx";

/** The field for one's address; where a mail was asked for before in this tab, its address stands there. */
export function Email({ autocomplete = "email" }: { autocomplete?: "email" | "username" }) {
  useEffect(() => {
    const field = emailField();
    if (field && !field.value) field.value = remembered()?.email ?? "";
  }, []);
  return (
    <Field
      name="email"
      label={words.entry.email}
      type="email"
      autocomplete={autocomplete}
      maxLength={254}
      required
    />
  );
}

const emailField = () => document.querySelector<HTMLInputElement>("input#email");

/** The address that was typed on this page, once it is one. */
export function typedEmail(): string | undefined {
  const field = emailField();
  return field?.validity.valid && /@[^@]+\.[^@]+$/.test(field.value) ? field.value : undefined;
}
