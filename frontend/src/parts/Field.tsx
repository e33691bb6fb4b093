import type { ComponentChildren, TargetedInputEvent } from "preact";
import { useFault } from "./Form.tsx";

interface FieldProps {
  /** The name in the form, which is the field's name in the request. */
  name: string;
  label: string;
  hint?: ComponentChildren;
  type?: "text" | "email" | "password";
  autocomplete?: string;
  maxLength?: number;
  required?: boolean;
  defaultValue?: string;
  onInput?: (event: TargetedInputEvent<HTMLInputElement>) => void;
}

/** A field with its label, a hint and what is wrong with it. */
export function Field({ name, label, hint, ...input }: FieldProps) {
  const fault = useFault(name);
  const attributes: object = input; // its types tell apart kinds of fields, where the element takes them all
  const told = [hint && `${name}-hint`, fault && `${name}-fault`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        {...attributes}
        id={name}
        name={name}
        aria-invalid={Boolean(fault)}
        {...(told && { "aria-describedby": told })}
      />
      {hint && (
        <div class="hint" id={`${name}-hint`}>
          {hint}
        </div>
      )}
      {fault && (
        <p class="fault" id={`${name}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}
