// What keys do in words, loaded with the palette.
import { KEYS } from "./keys.ts";

/** Keys of the page's own, each with the keys of ours that it stands for; an empty text takes them away. */
export type OwnKeys = Readonly<Record<string, string>>;

const TITLES: Readonly<Record<string, string>> = {
  F6: "Next region",
  "Shift+F6": "Previous region",
  "Ctrl+Shift+F6": "Previous region, from a terminal too",
  "Ctrl+K": "Commands",
  "Ctrl+`": "The shell below the open panel, from a terminal too",
  "?": "What the keyboard does",
  "/": "Filter",
  r: "Refresh",
  p: "Pause, go on",
  g: "Collect the garbage of the process",
  Delete: "Kill the process",
  Escape: "Close what is open",
};

/** Those of a table, which are its own. */
const TABLE_KEYS: readonly (readonly [keys: string, title: string])[] = [
  ["↑ ↓ PgUp PgDn Home End", "Rows of a table"],
  ["Enter, Space", "Open a row"],
  ["→ ←", "Show and hide what is below a row of a tree"],
  ["*", "Show what is below all rows beside it"],
  ["a … z", "In a tree, the next row of a name that begins so"],
  ["s", "Sort by the next column"],
];

/** The keys that do what `keys` of ours do, as the page has them; undefined where it has none. */
export function shownKeys(keys: string | undefined, own: OwnKeys | undefined): string | undefined {
  if (keys === undefined) return undefined;
  const others = Object.entries(own ?? {}).flatMap(([each, meant]) => (meant === keys ? [each] : []));
  const all = own?.[keys] === undefined ? [keys, ...others] : others;
  return all.length === 0 ? undefined : all.join(", ");
}

/** Everything that the keyboard does. */
export function keyTitles(own: OwnKeys | undefined): readonly (readonly [keys: string, title: string])[] {
  const ours = Object.keys(KEYS).flatMap((keys) => {
    const shown = shownKeys(keys, own);
    const title = TITLES[keys];
    return shown === undefined || title === undefined ? [] : [[shown, title] as const];
  });
  const panels = Array.from({ length: 9 }, (_, index) => shownKeys(`Alt+${index + 1}`, own) ?? "");
  const isOurs = panels.every((keys, index) => keys === `Alt+${index + 1}`);
  return [...ours, [isOurs ? "Alt+1 … Alt+9" : panels.join(" "), "Panels, by their order"], ...TABLE_KEYS];
}
