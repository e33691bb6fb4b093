import { cleanup } from "@testing-library/preact";
import { afterEach, beforeAll } from "vitest";
import { speak } from "./src/words/index.ts";

beforeAll(() => speak("en"));
afterEach(cleanup);
