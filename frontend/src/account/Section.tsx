import type { ComponentChildren } from "preact";

interface SectionProps {
  /** Where links lead: /account#… */
  id: string;
  title: string;
  lead?: string;
  children: ComponentChildren;
}

/** A part of the account's page. */
export function Section({ id, title, lead, children }: SectionProps) {
  return (
    <section id={id} class="sheet" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {lead && <p class="lead">{lead}</p>}
      {children}
    </section>
  );
}
