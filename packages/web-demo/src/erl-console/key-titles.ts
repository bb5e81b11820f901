// What keys do in words, loaded with the palette.
import { KEYS } from "./keys.ts";
import { PALETTE_STRINGS, type PaletteKey } from "./palette-strings.ts";

/** Keys of the page's own, each with the keys of ours that it stands for; an empty text takes them away. */
export type OwnKeys = Readonly<Record<string, string>>;

/** Those of a table, which are its own. */
const TABLE_KEYS: readonly (readonly [keys: string, title: PaletteKey])[] = [
  ["↑ ↓ PgUp PgDn Home End", "key_rows"],
  ["Enter, Space", "key_Enter"],
  ["→ ←", "key_branch"],
  ["*", "key_*"],
  ["a … z", "key_letter"],
  ["s", "key_s"],
];

/** The keys that do what `keys` of ours do, as the page has them; undefined where it has none. */
export function shownKeys(keys: string | undefined, own: OwnKeys | undefined): string | undefined {
  if (keys === undefined) return undefined;
  const others = Object.entries(own ?? {}).flatMap(([each, meant]) => (meant === keys ? [each] : []));
  const all = own?.[keys] === undefined ? [keys, ...others] : others;
  return all.length === 0 ? undefined : all.join(", ");
}

/** Everything that the keyboard does. */
export function keyTitles(
  own: OwnKeys | undefined,
  strings: Readonly<Record<PaletteKey, string>> = PALETTE_STRINGS,
): readonly (readonly [keys: string, title: string])[] {
  // Panels have one for all.
  const titles: Readonly<Record<string, string>> = strings;
  const ours = Object.keys(KEYS).flatMap((keys) => {
    const shown = shownKeys(keys, own);
    const title = titles[`key_${keys}`];
    return shown === undefined || title === undefined ? [] : [[shown, title] as const];
  });
  const panels = Array.from({ length: 9 }, (_, index) => shownKeys(`Alt+${index + 1}`, own) ?? "");
  const isOurs = panels.every((keys, index) => keys === `Alt+${index + 1}`);
  return [
    ...ours,
    [isOurs ? "Alt+1 … Alt+9" : panels.join(" "), strings["key_Alt+digit"]],
    ...TABLE_KEYS.map(([keys, key]) => [keys, strings[key]] as const),
  ];
}
