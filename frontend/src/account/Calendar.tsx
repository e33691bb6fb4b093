import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { api } from "../api/client.ts";
import { words } from "../words/index.ts";
import { asked } from "./asked.ts";
import { Told, useTold } from "./Told.tsx";

/** The secret address for calendar programs, which is shown once. */
export function Calendar() {
  const { told, tell, fail } = useTold();
  const [address, setAddress] = useState<string>();
  const [sure, setSure] = useState(false);
  const text = words.account.data.calendar;

  async function make() {
    const made = await asked(api.POST("/api/v1/me/calendar"));
    if (made.ok) setAddress(made.data.url);
    else fail(made.problem);
  }

  async function end() {
    const ended = await asked(api.DELETE("/api/v1/me/calendar"));
    setSure(false);
    if (!ended.ok) {
      fail(ended.problem);
      return;
    }
    setAddress(undefined);
    tell(() => words.account.data.calendar.ended);
  }

  return (
    <div class="part">
      <h3>{text.title}</h3>
      <p class="lead">{text.lead}</p>
      {address && <Address key={address} address={address} />}
      {sure ? (
        <Sure
          yes={end}
          no={() => {
            setSure(false);
          }}
        />
      ) : (
        <div class="actions">
          <button type="button" onClick={make}>
            {text.make}
          </button>
          <button
            type="button"
            class="quiet"
            onClick={() => {
              setSure(true);
            }}
          >
            {text.end}
          </button>
        </div>
      )}
      <Told told={told} />
    </div>
  );
}

function Sure({ yes, no }: { yes: () => Promise<void>; no: () => void }) {
  const text = words.account.data.calendar;
  const place = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => {
    place.current?.focus();
  }, []);
  return (
    <>
      <p ref={place} tabIndex={-1}>
        {text.endReally}
      </p>
      <div class="actions">
        <button type="button" class="danger" onClick={yes}>
          {text.endYes}
        </button>
        <button type="button" onClick={no}>
          {text.no}
        </button>
      </div>
    </>
  );
}

function Address({ address }: { address: string }) {
  const text = words.account.data.calendar;
  const field = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState("");

  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  async function copy() {
    try {
      await navigator.clipboard.writeText(address);
      setSaid(text.copied);
    } catch {
      field.current?.select();
      setSaid(text.select);
    }
  }

  return (
    <div class="field">
      <label for="address">{text.address}</label>
      <div class="copying">
        <input
          ref={field}
          id="address"
          type="text"
          readOnly
          value={address}
          aria-describedby="address-hint"
        />
        <button type="button" onClick={copy}>
          {text.copy}
        </button>
      </div>
      <div class="hint" id="address-hint">
        {text.once}
      </div>
      <p class="said" role="status">
        {said}
      </p>
    </div>
  );
}
