// A tree of many rows, of which only those in view exist; it knows nothing of processes. Keys are those of the tree view pattern of the
// ARIA Authoring Practices. The row that has the focus keeps it by its key; when it goes, the one that comes in its place gets it.
import { type CSSResult, css, html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { StyledElement } from "../../styled-element.ts";
import { repeat } from "lit/directives/repeat.js";
import { controls } from "../../controls.ts";
import { tokens } from "../../tokens.ts";
import type { Column } from "../grid/erl-grid.ts";
import { rowStyles } from "../grid/row-styles.ts";
import { DEFAULT_ROW_PIXELS, moved, rowsInView, scrollToRow, type View } from "../grid/rows-in-view.ts";

export interface TreeRow<V> {
  /** Stays the same while others come and go. */
  readonly key: string;
  /** From 1, as `position`. */
  readonly level: number;
  readonly position: number;
  readonly setSize: number;
  /** Undefined for a row that has none below it. */
  readonly isExpanded: boolean | undefined;
  /** Open, and not to be closed. */
  readonly isForced: boolean;
  readonly isSelected: boolean;
  /** What the row is of has gone since: it is struck through. */
  readonly isGone: boolean;
  /** What typing looks for. */
  readonly name: string;
  /** Its first cell has the whole line. */
  readonly spans: boolean;
  readonly value: V;
}

export interface TreeviewEventMap {
  /** Return or a click on a row. */
  "tree-activate": CustomEvent<{ readonly key: string }>;
  /** A person wants these open, or closed. */
  "tree-expand": CustomEvent<{ readonly keys: readonly string[]; readonly isExpanded: boolean }>;
  /** Other rows are in view; `last` is not among them. */
  "tree-range": CustomEvent<{ readonly first: number; readonly last: number }>;
}

/** Who stops typing for so long begins another name. */
const TYPE_AHEAD_MS = 700;
const NAME_CHARACTER = /^[\p{L}\p{N}_<.]$/u;

export class ErlTreeview<V = unknown> extends StyledElement {
  static override properties: PropertyDeclarations = {
    columns: { attribute: false },
    rows: { attribute: false },
    label: { type: String },
    empty: { type: String },
    _first: { state: true },
    _focused: { state: true },
  };

  /** The first one holds the branches. */
  declare columns: readonly Column<V>[];
  declare rows: readonly TreeRow<V>[];
  declare label: string;
  /** Stands where the rows would be while there are none. */
  declare empty: string;

  declare private _first: number;
  /** The key of the row that Tab leads to. */
  declare private _focused: string | undefined;

  #view: View = { rowPixels: DEFAULT_ROW_PIXELS, viewPixels: 0 };
  #range = "";
  #wantsFocus = false;
  #typed = "";
  #typedAt = 0;
  #resized: ResizeObserver | undefined;

  static override styles: CSSResult[] = [
    tokens,
    controls,
    rowStyles,
    css`
      .branch {
        display: flex;
        align-items: center;
        padding-inline-start: calc((var(--_level) - 1) * 1.25rem);
      }

      .spanning {
        grid-column: 1 / -1;
      }

      .branch > .cell {
        flex: 1;
      }

      .twisty {
        flex: none;
        width: 1.5rem;
        line-height: 1.5rem;
        text-align: center;
        cursor: pointer;
      }

      /* Words that a cell has beside what it says. */
      .muted {
        color: var(--_muted);
      }

      .action {
        color: var(--_accent);
        text-decoration: underline;
      }

      .cell > * {
        margin-inline-end: 0.375rem;
      }

      @container (max-width: 40rem) {
        .branch {
          padding-inline-start: calc((var(--_level) - 1) * 0.75rem);
        }
      }
    `,
  ];

  constructor() {
    super();
    this.columns = [];
    this.rows = [];
    this.label = "";
    this.empty = "";
    this._first = 0;
  }

  /** The focus goes to the row that had it last, else to the selected one, else to the first. */
  override focus(): void {
    const last = this.rows.findIndex(({ key }) => key === this._focused);
    const selected = this.rows.findIndex(({ isSelected }) => isSelected);
    this.#focusIndex(Math.max(0, last === -1 ? selected : last));
  }

  /** Brings a row into view; Tab leads to it then. */
  reveal(key: string): void {
    const index = this.rows.findIndex((row) => row.key === key);
    if (index === -1) return;
    this._focused = key;
    this.#scrollTo(index);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resized = new ResizeObserver(() => this.#measure());
    this.#resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized?.disconnect();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("columns")) {
      const narrow = this.columns.filter((each) => each.narrow === true);
      this.style.setProperty("--_columns", this.columns.map(({ width }) => width).join(" "));
      this.style.setProperty("--_narrow-columns", narrow.map(({ width, narrowWidth }) => narrowWidth ?? width).join(" "));
    }
    const before = changed.get("rows") as readonly TreeRow<V>[] | undefined;
    if (before !== undefined) this.#keepFocus(before);
  }

  protected override firstUpdated(): void {
    this.#measure();
  }

  protected override updated(): void {
    const { first, last } = this.#inView();
    const range = `${first} ${last} ${this.rows.length}`;
    if (range !== this.#range) {
      this.#range = range;
      this.dispatchEvent(new CustomEvent("tree-range", { detail: { first, last } }));
    }
    if (!this.#wantsFocus) return;
    this.#wantsFocus = false;
    this.#scrollTo(this.rows.findIndex(({ key }) => key === this._focused));
    this.renderRoot.querySelector<HTMLElement>('[role="treeitem"][tabindex="0"]')?.focus({ preventScroll: true });
  }

  // Styles are set as a property, which a policy for styles allows; styleMap begins with the attribute, which it does not.
  protected override render(): TemplateResult {
    const { rows, columns } = this;
    const { first, last } = this.#inView();
    const shown = rows.slice(first, last);
    // A row that has scrolled away still has the focus when it comes back; Tab leads to one that is there.
    const reachable = (shown.find(({ key }) => key === this._focused) ?? shown[0])?.key;
    return html`
      <div class="scroller" @scroll=${this.#scrolled}>
        <div class="line head" aria-hidden="true">
          ${columns.map((column) => html`<span class="cell ${cellClass(column)}">${column.title}</span>`)}
        </div>
        ${
          rows.length === 0
            ? nothing
            : html`
                <div role="tree" part="tree" class="space" data-region aria-label=${this.label} .style=${`height: ${rows.length * this.#view.rowPixels}px`} @keydown=${this.#key}>
                  ${repeat(
                    shown,
                    ({ key }) => key,
                    (row, offset) => this.#row(row, first + offset, reachable),
                  )}
                </div>
              `
        }
      </div>
      ${rows.length === 0 && this.empty !== "" ? html`<p class="empty" role="status">${this.empty}</p>` : nothing}
    `;
  }

  #row(row: TreeRow<V>, index: number, reachable: string | undefined): TemplateResult {
    const { key, isExpanded } = row;
    const toggle = (event: Event): void => {
      if (isExpanded === undefined) return;
      event.stopPropagation();
      this._focused = key;
      this.#expand([row], !isExpanded);
    };
    return html`
      <div
        role="treeitem"
        part="row"
        class="line ${row.isGone ? "gone" : ""}"
        data-key=${key}
        aria-level=${row.level}
        aria-posinset=${row.position}
        aria-setsize=${row.setSize}
        aria-expanded=${isExpanded === undefined ? nothing : isExpanded ? "true" : "false"}
        aria-selected=${row.isSelected ? "true" : "false"}
        tabindex=${key === reachable ? 0 : -1}
        .style=${`--_level: ${row.level}; transform: translateY(${index * this.#view.rowPixels}px)`}
        @click=${() => this.#activate(key)}
        @focus=${() => (this._focused = key)}
      >
        ${(row.spans ? this.columns.slice(0, 1) : this.columns).map((column, place) =>
          place === 0
            ? html`
                <span class="branch ${row.spans ? "spanning" : ""}">
                  <span class="twisty" aria-hidden="true" @click=${toggle}>${isExpanded === undefined ? "" : isExpanded ? "▾" : "▸"}</span>
                  <span part="cell" class="cell">${column.cell(row.value)}</span>
                </span>
              `
            : html`<span part="cell" class="cell ${cellClass(column)}">${column.cell(row.value)}</span>`,
        )}
      </div>
    `;
  }

  /** Indices of the rows that exist; `last` is behind them. */
  #inView(): { first: number; last: number } {
    return rowsInView(this._first, this.rows.length, this.#view);
  }

  #measure(): void {
    const scroller = this.renderRoot.querySelector(".scroller");
    const head = this.renderRoot.querySelector(".head");
    if (scroller === null || head === null) return;
    const focused = this.rows.findIndex(({ key }) => key === this._focused);
    const { first, last } = this.#inView();
    const rowPixels = head.getBoundingClientRect().height || DEFAULT_ROW_PIXELS;
    this.#view = { rowPixels, viewPixels: scroller.clientHeight };
    // Something was opened beside the tree, from this row perhaps.
    if (focused >= first && focused < last) this.#scrollTo(focused);
    this.requestUpdate();
  }

  readonly #scrolled = (event: Event): void => {
    // The listener sits on the scroller itself.
    this._first = Math.floor((event.currentTarget as HTMLElement).scrollTop / this.#view.rowPixels);
  };

  readonly #key = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const index = this.rows.findIndex(({ key }) => key === this._focused);
    const row = this.rows[index];
    if (row !== undefined && this.#pressed(event.key, row, index)) event.preventDefault();
  };

  /** Says whether the key means something here. */
  #pressed(key: string, row: TreeRow<V>, index: number): boolean {
    if (NAME_CHARACTER.test(key)) {
      this.#typeAhead(key, index);
      return true;
    }
    this.#typed = "";
    const next = moved(key, index, this.rows.length, this.#view);
    if (next !== undefined) this.#focusIndex(next);
    else if (key === "Enter" || key === " ") this.#activate(row.key);
    else if (key === "ArrowRight") this.#right(row, index);
    else if (key === "ArrowLeft") this.#left(row, index);
    else if (key === "*") this.#expandSiblings(row, index);
    else return false;
    return true;
  }

  #right(row: TreeRow<V>, index: number): void {
    if (row.isExpanded === false) this.#expand([row], true);
    else if (row.isExpanded === true && (this.rows[index + 1]?.level ?? 0) > row.level) this.#focusIndex(index + 1);
  }

  #left(row: TreeRow<V>, index: number): void {
    if (row.isExpanded === true && !row.isForced) {
      this.#expand([row], false);
      return;
    }
    const above = this.rows.slice(0, index).findLastIndex(({ level }) => level < row.level);
    if (above !== -1) this.#focusIndex(above);
  }

  #expandSiblings({ level }: TreeRow<V>, index: number): void {
    const above = this.rows.slice(0, index).findLastIndex((row) => row.level < level);
    const below = this.rows.findIndex((row, each) => each > index && row.level < level);
    const siblings = this.rows.slice(above + 1, below === -1 ? undefined : below);
    const closed = siblings.filter((row) => row.level === level && row.isExpanded === false);
    if (closed.length > 0) this.#expand(closed, true);
  }

  /** The next row whose name begins with what was typed; the same letter again leads to the one after. */
  #typeAhead(key: string, index: number): void {
    const now = performance.now();
    const typed = now - this.#typedAt > TYPE_AHEAD_MS ? "" : this.#typed;
    this.#typedAt = now;
    this.#typed = typed === key ? typed : `${typed}${key.toLowerCase()}`;
    const start = this.#typed.length === 1 ? index + 1 : index;
    const order = [...this.rows.slice(start), ...this.rows.slice(0, start)];
    const found = order.findIndex(({ name }) => name.toLowerCase().startsWith(this.#typed));
    if (found !== -1) this.#focusIndex((start + found) % this.rows.length);
  }

  #activate(key: string): void {
    this._focused = key;
    this.dispatchEvent(new CustomEvent("tree-activate", { detail: { key } }));
  }

  #expand(rows: readonly TreeRow<V>[], isExpanded: boolean): void {
    this.dispatchEvent(new CustomEvent("tree-expand", { detail: { keys: rows.map(({ key }) => key), isExpanded } }));
  }

  #focusIndex(index: number): void {
    const row = this.rows[index];
    if (row === undefined) return;
    this._focused = row.key;
    this.#wantsFocus = true;
    this.#scrollTo(index);
    this.requestUpdate();
  }

  #scrollTo(index: number): void {
    const scroller = this.renderRoot.querySelector(".scroller");
    if (scroller === null || index === -1) return;
    this._first = scrollToRow(scroller, index, this.#view);
  }

  /** The row that has the focus stays in view when others open above it. It may also be there no more. */
  #keepFocus(before: readonly TreeRow<V>[]): void {
    if (this._focused === undefined) return;
    const hasFocus = this.shadowRoot?.activeElement != null;
    const index = before.findIndex(({ key }) => key === this._focused);
    const now = this.rows.findIndex(({ key }) => key === this._focused);
    if (now !== -1) {
      if (!hasFocus || now === index) return;
      this.#wantsFocus = true;
      // It has to be drawn before there is room to scroll to it.
      this._first += now - index;
      return;
    }
    const heir = this.rows[Math.min(index, this.rows.length - 1)];
    this.#wantsFocus ||= hasFocus;
    this._focused = index === -1 ? undefined : heir?.key;
  }
}

function cellClass<V>({ numeric, narrow }: Column<V>): string {
  return `${numeric === true ? "numeric" : ""} ${narrow === true ? "" : "wide"}`;
}

declare global {
  interface HTMLElementTagNameMap {
    "erl-treeview": ErlTreeview;
  }
}
