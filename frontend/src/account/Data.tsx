import { words } from "../words/index.ts";
import { Calendar } from "./Calendar.tsx";
import { Export } from "./Export.tsx";
import { Import } from "./Import.tsx";
import { Section } from "./Section.tsx";

/** What is held: out, in, and into calendars. */
export function Data({ onChange }: { onChange: () => void }) {
  return (
    <Section id="data" title={words.account.data.title}>
      <Export onChange={onChange} />
      <Import />
      <Calendar />
    </Section>
  );
}
