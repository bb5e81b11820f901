import { html, type TemplateResult } from "lit";
import type { FrameStrings } from "../strings.ts";

export interface RailModel {
  readonly tabs: readonly { readonly id: string; readonly title: string }[];
  readonly panel: string;
  readonly strings: FrameStrings;
  readonly open: (id: string) => void;
}

const MOVES: Readonly<Record<string, (index: number, count: number) => number>> = {
  ArrowDown: (index, count) => (index + 1) % count,
  ArrowRight: (index, count) => (index + 1) % count,
  ArrowUp: (index, count) => (index - 1 + count) % count,
  ArrowLeft: (index, count) => (index - 1 + count) % count,
  Home: () => 0,
  End: (_index, count) => count - 1,
};

/** The panels to choose from: tabs beside the panel, and a select where there is no room for them. */
export function railView(model: RailModel): TemplateResult {
  const { tabs, panel, strings, open } = model;
  const key = (event: KeyboardEvent): void => {
    const move = MOVES[event.key];
    if (move === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next =
      tabs[
        move(
          tabs.findIndex(({ id }) => id === panel),
          tabs.length,
        )
      ];
    if (next === undefined) return;
    open(next.id);
    // The listener sits on the tablist.
    (event.currentTarget as HTMLElement).querySelector<HTMLElement>(`#tab-${next.id}`)?.focus();
  };
  return html`
    <nav part="rail" class="rail" aria-label=${strings.panels} data-region>
      <div role="tablist" aria-orientation="vertical" aria-label=${strings.panels} @keydown=${key}>
        ${tabs.map(
          ({ id, title }) => html`
            <button
              part="tab"
              type="button"
              role="tab"
              id="tab-${id}"
              aria-controls="panel-${id}"
              aria-selected=${id === panel ? "true" : "false"}
              tabindex=${id === panel ? 0 : -1}
              @click=${() => open(id)}
            >
              ${title}
            </button>
          `,
        )}
      </div>
      <label class="chooser">
        <span>${strings.panel}</span>
        <select part="input" @change=${(event: Event) => open((event.currentTarget as HTMLSelectElement).value)}>
          ${tabs.map(({ id, title }) => html`<option value=${id} ?selected=${id === panel}>${title}</option>`)}
        </select>
      </label>
    </nav>
  `;
}
