// What the command palette offers, loaded with it.
import type { ReactiveElement } from "lit";
import type { ConnectionState } from "../connection/connection-state.ts";
import { ErlPalette, type PaletteCommand } from "./erl-palette.ts";
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
export function paletteFor(console: Commanded): ErlPalette {
  const palette = console.renderRoot.querySelector<ErlPalette>("erl-palette") ?? console.renderRoot.appendChild(new ErlPalette());
  palette.setAttribute("exportparts", "dialog, input, button");
  palette.keys = console.keys;
  const all = commands(console);
  palette.commands = all.map((command) => ({ ...command, keys: shownKeys(command.keys, console.keys) }));
  palette.forText = (text) => commandsFor(console, text);
  return palette;
}

function commands(console: Commanded): PaletteCommand[] {
  const { state, tabs } = console;
  const panel = console.panelElement(console.panel);
  const buttons = panel?.shadowRoot == null ? [] : deepAll(panel.shadowRoot, "button[data-key]");
  return [
    ...tabs.map(({ id, title }, index) => ({
      title: `Open ${title}`,
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
          { title: "Ping the node", run: () => void console.ping() },
          { title: "Disconnect", run: () => void console.disconnect() },
        ]
      : [{ title: "Connect", run: () => void console.connect() }]),
    ...(tabs.some(({ id }) => id === "shell")
      ? [
          {
            title: console.drawer ? "Hide the shell below" : "Show the shell below",
            keys: "Ctrl+`",
            run: () => void console.toggleDrawer(),
          },
        ]
      : []),
    ...(["comfortable", "compact"] as const).map((density) => ({
      title: `Density: ${density}`,
      run: () => (console.density = density),
    })),
    ...(["light", "dark", "auto"] as const).map((theme) => ({ title: `Theme: ${theme}`, run: () => (console.theme = theme) })),
    { title: "What the keyboard does", keys: "?", run: () => void console.openPalette("keys") },
  ];
}

/** A pid opens its process. */
function commandsFor(console: Commanded, text: string): PaletteCommand[] {
  const pid = /^<?(0\.\d+\.\d+)>?$/.exec(text)?.[1];
  if (pid === undefined || !console.tabs.some(({ id }) => id === "processes")) return [];
  return [
    {
      title: `Open process <${pid}>`,
      run: () => {
        console.openPanel("processes");
        console.select(`<${pid}>`);
      },
    },
  ];
}
