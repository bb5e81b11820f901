// What the command palette offers, loaded with it.
import type { ReactiveElement } from "lit";
import type { ConnectionState } from "../connection/connection-state.ts";
import { filled } from "../filled.ts";
import type { Strings } from "../strings.ts";
import { ErlPalette, type PaletteCommand, type PaletteStrings, paletteStrings } from "./erl-palette.ts";
import { type OwnKeys, shownKeys } from "./key-titles.ts";
import type { Tab } from "./panel-set.ts";
import { deepAll } from "./regions.ts";

export { ErlPalette };

/** The console, as far as its commands go. */
interface Commanded extends ReactiveElement {
  readonly tabs: readonly Pick<Tab, "id" | "title">[];
  readonly state: ConnectionState;
  readonly panel: string;
  readonly drawer: boolean;
  readonly keys: OwnKeys | undefined;
  density: "comfortable" | "compact";
  theme: "light" | "dark" | "auto";
  panelElement(id: string): HTMLElement | undefined;
  openPanel(id: string): boolean;
  select(selected: string): void;
  toggleDrawer(): boolean;
  ping(): Promise<unknown>;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  openPalette(mode: "keys"): Promise<void>;
}

/** The palette of a console, whose element is defined, with what can be done now. */
export function paletteFor(console: Commanded, own: Strings): ErlPalette {
  const strings = paletteStrings(own);
  const palette = console.renderRoot.querySelector<ErlPalette>("erl-palette") ?? console.renderRoot.appendChild(new ErlPalette());
  palette.setAttribute("exportparts", "dialog, input, button");
  palette.strings = strings;
  palette.keys = console.keys;
  const all = commands(console, strings);
  palette.commands = all.map((command) => ({ ...command, keys: shownKeys(command.keys, console.keys) }));
  palette.forText = (text) => commandsFor(console, text, strings);
  return palette;
}

function commands(console: Commanded, strings: PaletteStrings): PaletteCommand[] {
  const { state, tabs } = console;
  const panel = console.panelElement(console.panel);
  const buttons = panel?.shadowRoot == null ? [] : deepAll(panel.shadowRoot, "button[data-key]");
  return [
    ...tabs.map(({ id, title }, index) => ({
      title: filled(strings.paletteOpen, { panel: title }),
      keys: index < 9 ? `Alt+${index + 1}` : undefined,
      run: () => {
        console.openPanel(id);
        void console.updateComplete.then(() => console.renderRoot.querySelector<HTMLElement>(`#tab-${id}`)?.focus());
      },
    })),
    ...buttons.map((button) => ({
      title: button.textContent.trim(),
      // Some are only to be found here.
      keys: button.dataset["key"] || undefined,
      run: () => button.click(),
    })),
    ...(state.type === "connected"
      ? [
          { title: strings.palettePing, run: () => void console.ping() },
          { title: strings.disconnect, run: () => void console.disconnect() },
        ]
      : [{ title: strings.connect, run: () => void console.connect() }]),
    ...(tabs.some(({ id }) => id === "shell")
      ? [
          {
            title: console.drawer ? strings.paletteHideShell : strings.paletteShowShell,
            keys: "Ctrl+`",
            run: () => void console.toggleDrawer(),
          },
        ]
      : []),
    { title: strings.paletteComfortable, run: () => (console.density = "comfortable") },
    { title: strings.paletteCompact, run: () => (console.density = "compact") },
    { title: strings.paletteLight, run: () => (console.theme = "light") },
    { title: strings.paletteDark, run: () => (console.theme = "dark") },
    { title: strings.paletteAuto, run: () => (console.theme = "auto") },
    { title: strings.paletteKeys, keys: "?", run: () => void console.openPalette("keys") },
  ];
}

/** A pid opens its process. */
function commandsFor(console: Commanded, text: string, strings: PaletteStrings): PaletteCommand[] {
  const pid = /^<?(0\.\d+\.\d+)>?$/.exec(text)?.[1];
  if (pid === undefined) return [];
  const panels = [
    ["processes", "paletteOpenProcess"],
    ["trace", "paletteTraceProcess"],
  ] as const;
  return panels
    .filter(([panel]) => console.tabs.some(({ id }) => id === panel))
    .map(([panel, title]) => ({
      title: filled(strings[title], { pid: `<${pid}>` }),
      run: () => {
        console.openPanel(panel);
        console.select(`<${pid}>`);
      },
    }));
}
