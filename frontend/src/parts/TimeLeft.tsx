import { useEffect, useState } from "preact/hooks";
import { words } from "../words/index.ts";

const SAID_AT = [60, 300, 600]; // seconds left: screen readers tell of these, and of the time at the start

interface TimeLeftProps {
  /** How many seconds there were when this was found out; undefined until then. */
  seconds: number | undefined;
  onEnd: () => void;
}

/** How long a link still works, counting down: to be looked at as one likes, and said aloud a few times only. */
export function TimeLeft({ seconds, onEnd }: TimeLeftProps) {
  const left = useCountdown(seconds, onEnd);
  if (seconds === undefined || left === undefined) return <p class="left">{words.entry.reset.once}</p>;
  const said = SAID_AT.find((moment) => left <= moment) ?? seconds;
  return (
    <>
      <p class="left" role="timer">
        {words.entry.reset.left(left)}
      </p>
      <p class="sr" role="status">
        {words.entry.reset.left(Math.min(said, seconds))}
      </p>
    </>
  );
}

function useCountdown(seconds: number | undefined, onEnd: () => void): number | undefined {
  const [left, setLeft] = useState<number>();
  useEffect(() => {
    if (seconds === undefined) return undefined;
    const end = Date.now() + seconds * 1000;
    const tick = () => {
      const now = Math.ceil((end - Date.now()) / 1000);
      setLeft(now);
      if (now <= 0) {
        clearInterval(ticking);
        onEnd();
      }
    };
    const ticking = setInterval(tick, 1000);
    tick();
    return () => {
      clearInterval(ticking);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- what happens at the end is the caller's, and new each time
  }, [seconds]);
  return left;
}
