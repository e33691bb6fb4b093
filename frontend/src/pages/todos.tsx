import { Frame } from "../parts/Frame.tsx";
import { open, type Screen } from "../parts/screen.tsx";
import { words } from "../words/index.ts";

function Todos() {
  return <Frame title={words.common.product}> </Frame>;
}

export const screen: Screen = { title: () => words.common.product, show: () => <Todos /> };

void open(screen);
