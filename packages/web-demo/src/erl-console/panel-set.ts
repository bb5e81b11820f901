// The panels of one console: their elements are made when they are first opened, and stay, so that a shell keeps its screen
// and a log goes on.
import { type PanelDefinition, PANELS } from "../panels/panel-list.ts";

/** A panel of ours, or one that the page has put into a slot. */
export type Tab = Pick<PanelDefinition, "id" | "title"> & { readonly definition?: PanelDefinition };

export type LoadedPanel =
  | { readonly type: "loading" }
  | { readonly type: "loaded"; readonly element: HTMLElement }
  | { readonly type: "failed"; readonly error: unknown };

const SLOT_PREFIX = "panel-";

export class PanelSet {
  readonly #opened = new Map<string, LoadedPanel>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Those that were opened, by their ids. */
  get opened(): ReadonlyMap<string, LoadedPanel> {
    return this.#opened;
  }

  element(id: string): HTMLElement | undefined {
    const panel = this.#opened.get(id);
    return panel?.type === "loaded" ? panel.element : undefined;
  }

  /** Makes the element of a panel, once. One that failed is tried again. */
  async open(definition: PanelDefinition): Promise<void> {
    const { id } = definition;
    const before = this.#opened.get(id);
    if (before !== undefined && before.type !== "failed") return;
    this.#opened.set(id, { type: "loading" });
    try {
      await definition.load();
      this.#opened.set(id, { type: "loaded", element: document.createElement(definition.tag) });
    } catch (error) {
      this.#opened.set(id, { type: "failed", error });
    }
    this.#changed();
  }
}

/** In the order of `panels`, a list of ids; without one all of them. Those in slots come last, unless they are named. */
export function tabsOf(panels: string, children: Iterable<Element>): Tab[] {
  const slotted = [...children].filter(({ slot }) => slot.startsWith(SLOT_PREFIX)).map(slottedTab);
  const all: readonly Tab[] = [...PANELS.map((definition) => ({ ...definition, definition })), ...slotted];
  const wanted = panels.split(/\s+/).filter((id) => id !== "");
  if (wanted.length === 0) return [...all];
  const unnamed = slotted.map(({ id }) => id).filter((id) => !wanted.includes(id));
  return [...wanted, ...unnamed].flatMap((id) => all.find((tab) => tab.id === id) ?? []);
}

function slottedTab(element: Element): Tab {
  const id = element.slot.slice(SLOT_PREFIX.length);
  return { id, title: element.getAttribute("aria-label") ?? id };
}
