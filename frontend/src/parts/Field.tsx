import type { ComponentChildren, TargetedInputEvent } from "preact";
import { useFault } from "./Form.tsx";

interface FieldProps {
  /** The name in the form, which is the field's name in the request. */
  name: string;
  /** Where another form of the page has a field of this name. */
  id?: string;
  label: string;
  hint?: ComponentChildren;
  type?: "text" | "email" | "password";
  autocomplete?: string;
  maxLength?: number;
  required?: boolean;
  defaultValue?: string;
  /** The id of a <datalist>. */
  list?: string;
  onInput?: (event: TargetedInputEvent<HTMLInputElement>) => void;
}

/** A field with its label, a hint and what is wrong with it. */
export function Field({ name, id = name, label, hint, ...input }: FieldProps) {
  const fault = useFault(name);
  const attributes: object = input; // its types tell apart kinds of fields, where the element takes them all
  const told = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...attributes}
        id={id}
        name={name}
        aria-invalid={Boolean(fault)}
        {...(told && { "aria-describedby": told })}
      />
      {hint && (
        <div class="hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {fault && (
        <p class="fault" id={`${id}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}
