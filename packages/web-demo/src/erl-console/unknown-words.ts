// Words in the attributes of a console that mean nothing, such as a panel that is misspelt: said to whoever makes the page.
import type { Permission } from "../events.ts";
import { filled } from "../filled.ts";
import type { PanelDefinition } from "../panels/panel-list.ts";
import { PALETTE_STRINGS, type PaletteKey } from "./palette-strings.ts";
import type { Tab } from "./panel-set.ts";

const PERMISSIONS: Readonly<Record<Permission, true>> = {
  eval: true,
  kill: true,
  gc: true,
  send: true,
  trace: true,
  "log-level": true,
};

/** In one sentence for each attribute; empty when all is well. */
export function unknownWords(
  element: { readonly panels: string; readonly allow: string; readonly tabs: readonly Pick<Tab, "id">[] },
  definitions: readonly PanelDefinition[],
  strings: Readonly<Partial<Record<PaletteKey, string>>> = {},
): string {
  const { unknownWords: text = PALETTE_STRINGS.unknownWords } = strings;
  const { panels, allow, tabs } = element;
  const known = new Set([...definitions, ...tabs].map(({ id }) => id));
  return [sentence(text, "panels", panels, [...known]), sentence(text, "allow", allow, Object.keys(PERMISSIONS))]
    .join(" ")
    .trim();
}

function sentence(text: string, attribute: string, words: string, known: readonly string[]): string {
  const unknown = words.split(/\s+/).filter((word) => word !== "" && !known.includes(word));
  if (unknown.length === 0) return "";
  return filled(text, { attribute, words: unknown.map((word) => `"${word}"`).join(", "), known: known.join(", ") });
}
