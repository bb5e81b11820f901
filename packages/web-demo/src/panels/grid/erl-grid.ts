// A table of many rows, of which only those in view exist. Rows are as high as each other. Arrow keys move between them, and the
// row that has the focus keeps it by its key when others come before it.
import { type CSSResult, css, html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { StyledElement } from "../../styled-element.ts";
import { repeat } from "lit/directives/repeat.js";
import { controls } from "../../controls.ts";
import { tokens } from "../../tokens.ts";
import type { Words } from "../../words.ts";
import { messageOf } from "../problem.ts";
import { rowStyles } from "./row-styles.ts";
import { DEFAULT_ROW_PIXELS, moved, rowsInView, scrollToRow, type View } from "./rows-in-view.ts";
import type { PanelKey } from "../strings.ts";

export interface Column<R> {
  readonly id: string;
  readonly title: string;
  /** As in grid-template-columns. */
  readonly width: string;
  readonly numeric?: boolean;
  readonly sortable?: boolean;
  /** Kept where there is little room: in the first line of a row, or in the second, `"below"`. */
  readonly narrow?: boolean | "below";
  /** As in grid-template-columns, there. */
  readonly narrowWidth?: string;
  readonly cell: (row: R) => unknown;
}

export interface Sorting {
  readonly column: string;
  readonly direction: "ascending" | "descending";
}

/** Rows by their index; undefined for one that is not there yet. */
export interface Rows<R> {
  readonly length: number;
  at(index: number): R | undefined;
  /** Stays the same while others come and go. */
  keyOf(index: number): string;
  /** What the row is of has gone since: it is struck through. */
  isGone?(index: number): boolean;
}

export interface GridEventMap {
  /** Return or a click on a row. */
  "grid-activate": CustomEvent<{ readonly key: string }>;
  /** A person wants another order. */
  "grid-sort": CustomEvent<{ readonly column: string }>;
  /** Other rows are in view; `last` is not among them. */
  "grid-range": CustomEvent<{ readonly first: number; readonly last: number }>;
}

const NO_ROWS: Rows<never> = { length: 0, at: () => undefined, keyOf: String };

export class ErlGrid<R = unknown> extends StyledElement {
  static override properties: PropertyDeclarations = {
    columns: { attribute: false },
    rows: { attribute: false },
    sorting: { attribute: false },
    selected: { attribute: false },
    label: { type: String },
    empty: { type: String },
    words: { attribute: false },
    _first: { state: true },
    _focused: { state: true },
  };

  declare columns: readonly Column<R>[];
  declare rows: Rows<R>;
  declare sorting: Sorting | undefined;
  /** The key of the row that is shown elsewhere. */
  declare selected: string;
  declare label: string;
  /** Stands where the rows would be while there are none. */
  declare empty: string;
  /** In which to say that a column of the page's own fails. */
  declare words: Words<PanelKey> | undefined;

  declare private _first: number;
  /** The key of the row that Tab leads to. */
  declare private _focused: string | undefined;

  #view: View = { rowPixels: DEFAULT_ROW_PIXELS, viewPixels: 0 };
  /** Classes of cells that are in a second line. */
  #below = "below";
  #range = "";
  #wantsFocus = false;
  #follow = false;
  /** The last row is in view, or was when it was brought there. */
  #atEnd = true;
  #followedTop = Infinity;
  #resized: ResizeObserver | undefined;

  static override styles: CSSResult[] = [
    tokens,
    controls,
    rowStyles,
    css`
      .head button {
        min-height: 1.5rem;
        padding: 0;
        border: 0;
        background: transparent;
        color: inherit;
        font-size: inherit;
        font-weight: inherit;
      }

      .head [aria-sort] button {
        color: var(--_text);
      }

      @container (max-width: 40rem) {
        .two-lines {
          --_row-height: calc(1.5 * var(--erl-row-height, var(--_density-row, 2rem)));
        }

        .below {
          order: 1;
          color: var(--_muted);
        }

        /* Nothing else is in its line. */
        .below.alone {
          grid-column: 1 / -1;
        }

        [role="gridcell"].below.alone {
          color: inherit;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.columns = [];
    this.rows = NO_ROWS;
    this.selected = "";
    this.label = "";
    this.empty = "";
    this._first = 0;
  }

  /** The rows are others, behind the same object; with `follow` the last one stays in view, unless the reader has scrolled up. */
  rowsChanged({ follow }: { readonly follow: boolean }): void {
    if (follow && this.#atEnd) this.#follow = true;
    this.requestUpdate();
  }

  /** The focus goes to the row that had it last, else to the first. */
  override focus(): void {
    this.#focusIndex(Math.max(0, this.#indexOf(this._focused ?? this.selected)));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resized = new ResizeObserver(() => this.#measure());
    this.#resized.observe(this);
    const head = this.renderRoot?.querySelector(".head");
    if (head != null) this.#resized.observe(head);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized?.disconnect();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("columns")) return;
    const narrow = this.columns.filter(({ narrow }) => narrow === true);
    this.#below = this.columns.filter(({ narrow }) => narrow === "below").length === 1 ? "below alone" : "below";
    this.style.setProperty("--_columns", this.columns.map(({ width }) => width).join(" "));
    this.style.setProperty("--_narrow-columns", narrow.map((each) => each.narrowWidth ?? withoutLeast(each.width)).join(" "));
  }

  protected override updated(): void {
    if (this.#follow) {
      this.#follow = false;
      const grid = this.renderRoot.querySelector('[role="grid"]');
      if (grid !== null) {
        grid.scrollTop = grid.scrollHeight;
        this.#followedTop = grid.scrollTop;
      }
    }
    const { first, last } = this.#inView();
    const range = `${first} ${last} ${this.rows.length}`;
    if (range !== this.#range) {
      this.#range = range;
      this.dispatchEvent(new CustomEvent("grid-range", { detail: { first, last } }));
    }
    if (this.#wantsFocus) {
      this.#wantsFocus = false;
      this.renderRoot.querySelector<HTMLElement>('[role="row"][tabindex="0"]')?.focus({ preventScroll: true });
    }
  }

  protected override firstUpdated(): void {
    // As high as a row, which the page may make higher or lower.
    const head = this.renderRoot.querySelector(".head");
    if (head !== null) this.#resized?.observe(head);
    this.#measure();
  }

  // Styles are set as a property, which a policy for styles allows; styleMap begins with the attribute, which it does not.
  protected override render(): TemplateResult {
    const { rows, columns } = this;
    const { first, last } = this.#inView();
    const indices = Array.from({ length: last - first }, (_, offset) => first + offset);
    // A row that has scrolled away still has the focus when it comes back; Tab leads to one that is there.
    const focused = indices.some((index) => rows.keyOf(index) === this._focused) ? this._focused : undefined;
    const reachable = focused ?? (rows.length > 0 ? rows.keyOf(indices[0] ?? 0) : undefined);
    return html`
      <div
        role="grid"
        part="grid"
        class="scroller ${columns.some(({ narrow }) => narrow === "below") ? "two-lines" : ""}"
        aria-label=${this.label}
        aria-rowcount=${rows.length + 1}
        aria-colcount=${columns.length}
        @scroll=${this.#scrolled}
        @keydown=${this.#key}
      >
        <div role="row" class="line head" aria-rowindex="1">${columns.map((column) => this.#headCell(column))}</div>
        <div class="space" role="rowgroup" .style=${`height: ${rows.length * this.#view.rowPixels}px`}>
          ${repeat(
            indices,
            (index) => rows.keyOf(index),
            (index) => this.#row(index, rows.keyOf(index), reachable),
          )}
        </div>
      </div>
      ${rows.length === 0 && this.empty !== "" ? html`<p class="empty" role="status">${this.empty}</p>` : nothing}
    `;
  }

  #headCell(column: Column<R>): TemplateResult {
    const { id, title, sortable } = column;
    const sorted = this.sorting?.column === id ? this.sorting.direction : undefined;
    const sign = sorted === undefined ? "" : sorted === "ascending" ? " ▲" : " ▼";
    const sort = (): boolean => this.dispatchEvent(new CustomEvent("grid-sort", { detail: { column: id } }));
    return html`
      <span
        role="columnheader"
        class=${this.#cellClass(column)}
        aria-sort=${sorted ?? nothing}
      >
        ${
          sortable === true
            ? html`<button type="button" @click=${sort}>${title}<span aria-hidden="true">${sign}</span></button>`
            : title
        }
      </span>
    `;
  }

  #row(index: number, key: string, reachable: string | undefined): TemplateResult {
    const row = this.rows.at(index);
    return html`
      <div
        role="row"
        part="row"
        class="line ${this.rows.isGone?.(index) === true ? "gone" : ""}"
        data-key=${key}
        aria-rowindex=${index + 2}
        aria-selected=${key === this.selected ? "true" : "false"}
        tabindex=${key === reachable ? 0 : -1}
        .style=${`transform: translateY(${index * this.#view.rowPixels}px)`}
        @click=${() => this.#activate(key)}
        @focus=${() => (this._focused = key)}
      >
        ${this.columns.map(
          (column) => html`
            <span part="cell" role="gridcell" class=${this.#cellClass(column)}>${row === undefined ? "…" : cellOf(column, row, this.words)}</span>
          `,
        )}
      </div>
    `;
  }

  #cellClass({ numeric, narrow }: Column<R>): string {
    const place = narrow === true ? "" : narrow === "below" ? this.#below : "wide";
    return `cell ${numeric === true ? "numeric" : ""} ${place}`;
  }

  /** Indices of the rows that exist; `last` is behind them. */
  #inView(): { first: number; last: number } {
    return rowsInView(this._first, this.rows.length, this.#view);
  }

  #measure(): void {
    const grid = this.renderRoot.querySelector('[role="grid"]');
    const head = this.renderRoot.querySelector(".head");
    if (grid === null || head === null) return;
    // The head is as high as a row.
    const rowPixels = head.getBoundingClientRect().height || DEFAULT_ROW_PIXELS;
    this.#view = { rowPixels, viewPixels: grid.clientHeight };
    this.requestUpdate();
  }

  readonly #scrolled = (event: Event): void => {
    // The listener sits on the grid itself.
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget as HTMLElement;
    this._first = Math.floor(scrollTop / this.#view.rowPixels);
    // Where it was brought to, it was not the reader who left the end: more rows have come since.
    this.#atEnd = scrollTop >= this.#followedTop || scrollHeight - scrollTop - clientHeight < 2 * this.#view.rowPixels;
    if (!this.#atEnd) this.#followedTop = Infinity;
  };

  readonly #key = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const index = this.#indexOf(this._focused);
    const onRow = event.target instanceof HTMLElement && event.target.closest(".space") !== null;
    if (!onRow) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (this._focused !== undefined) this.#activate(this._focused);
      return;
    }
    if (event.key === "s") {
      this.#sortNext();
      return;
    }
    const next = moved(event.key, index, this.rows.length, this.#view);
    if (next === undefined) return;
    event.preventDefault();
    this.#focusIndex(next);
  };

  #sortNext(): void {
    const sortable = this.columns.filter(({ sortable }) => sortable === true);
    const now = sortable.findIndex(({ id }) => id === this.sorting?.column);
    const next = sortable[(now + 1) % sortable.length];
    if (next !== undefined) this.dispatchEvent(new CustomEvent("grid-sort", { detail: { column: next.id } }));
  }

  #activate(key: string): void {
    this._focused = key;
    this.dispatchEvent(new CustomEvent("grid-activate", { detail: { key } }));
  }

  #focusIndex(index: number): void {
    const grid = this.renderRoot.querySelector('[role="grid"]');
    if (grid === null || this.rows.length === 0) return;
    this._focused = this.rows.keyOf(index);
    this.#wantsFocus = true;
    this._first = scrollToRow(grid, index, this.#view);
    this.requestUpdate();
  }

  #indexOf(key: string | undefined): number {
    if (key === undefined) return -1;
    const { rows } = this;
    for (let index = 0; index < rows.length; index++) if (rows.keyOf(index) === key) return index;
    return -1;
  }
}

/** Where there is little room a column may be narrower than it would like to be. */
function withoutLeast(width: string): string {
  return width.replace(/^minmax\([^,]+,/, "minmax(0,");
}

/** A column can be the page's own: one that throws says so in its cells, and the others are shown. */
function cellOf<R>({ cell }: Column<R>, row: R, words: Words<PanelKey> | undefined): unknown {
  try {
    return cell(row);
  } catch (error) {
    const message = messageOf(error, words);
    return words?.say("columnFailed", { message }) ?? message;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "erl-grid": ErlGrid;
  }
}
