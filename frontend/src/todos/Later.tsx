import { useEffect } from "preact/hooks";
import "../styles/todos-later.css";
import { Menu } from "./Menu.tsx";
import { Sheets } from "./Sheets.tsx";
import { listen } from "./shortcuts.ts";
import { useStage } from "./stage.ts";
import { Tray } from "./Tray.tsx";

export { drag } from "./drag.ts";

/** What the screen can do without in its first moment: the menu, panels, notices and the keyboard's shortcuts. */
export function Later() {
  const stage = useStage();
  useEffect(() => listen(stage), [stage]);
  return (
    <>
      <Menu />
      <Tray />
      {stage.opened.value && <Sheets opened={stage.opened.value} />}
    </>
  );
}
