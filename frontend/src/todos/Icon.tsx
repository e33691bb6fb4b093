const PATHS = {
  lists: "M4 6h16M4 12h16M4 18h10",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM16 16l4.5 4.5",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20.5c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.5",
  plus: "M12 5v14M5 12h14",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  bin: "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7",
  close: "M6 6l12 12M18 6L6 18",
  edit: "M4.5 19.5l.8-4L15.5 5.3l3.2 3.2L8.5 18.7ZM13.5 7.3l3.2 3.2",
  notes: "M5 6h14M5 11h14M5 16h8",
  repeat: "M4.5 11V9.5a3 3 0 0 1 3-3h11M15.5 3.5l3 3-3 3M19.5 13v1.5a3 3 0 0 1-3 3h-11M8.5 20.5l-3-3 3-3",
  bell: "M6 17c1.5-1.5 1.5-3 1.5-6.5a4.5 4.5 0 0 1 9 0c0 3.5 0 5 1.5 6.5ZM10.5 20h3",
  flag: "M6 21V4M6 5h12l-3 4 3 4H6",
  handle: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  tick: "M5 12.5l4.5 4.5L19 7.5",
  cloud: "M7 18.5h9.5a4 4 0 0 0 .6-7.95 5.5 5.5 0 0 0-10.5-.9A4.5 4.5 0 0 0 7 18.5Z",
  inbox: "M4.5 13.5L7 5.5h10l2.5 8v5h-15ZM4.5 13.5h4.5l1 2h4l1-2h4.5",
  layers: "M12 4l8.5 4.5L12 13 3.5 8.5ZM4 13l8 4.5 8-4.5",
  tag: "M4.5 11.5v-7h7l8 8-7 7ZM8.5 8.5h.01",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
} as const;

/** A sign beside words, or in a button that has a name. */
export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
