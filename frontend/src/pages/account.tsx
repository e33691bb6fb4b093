import { Frame } from "../parts/Frame.tsx";
import { open, type Screen } from "../parts/screen.tsx";
import { words } from "../words/index.ts";

function Account() {
  return <Frame title={words.common.product}> </Frame>;
}

export const screen: Screen = { title: () => words.common.product, show: () => <Account /> };

void open(screen);
