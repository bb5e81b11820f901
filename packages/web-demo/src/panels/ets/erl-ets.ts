import type { Term } from "@erl-dist/core";
import { type CSSResult, css, html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { controls } from "../../controls.ts";
import type { RemoteNode } from "../../remote/remote-node.ts";
import { tokens } from "../../tokens.ts";
import { bytes, count, percent } from "../../units.ts";
import type { Column, GridEventMap, Sorting } from "../grid/erl-grid.ts";
import { type GoneRow, goneRows, rowsOf, withGone } from "../grid/gone-rows.ts";
import { PanelElement } from "../panel-element.ts";
import { panelStyles } from "../panel-styles.ts";
import { messageOf, type Problem, problemOf, problemView } from "../problem.ts";
import { Refresher } from "../refresher.ts";
import { showBindings } from "../shown-term.ts";
import { FIRST_PAGE, LISTED_TABLES, NEXT_PAGE, TABLES } from "./recipes.ts";
import { DELETED, type Page, pageOf, type TableRow, tablesOf } from "./table-row.ts";

/** Objects of a page, and what is shown of each. */
const PAGE_OBJECTS = 100;
const EXTENT = { Depth: 30, Characters: 2_000 } as const;
/** Objects that are kept; whoever wants to see more of a table asks for it by an expression. */
const MOST_OBJECTS = 2_000;
/** For what somebody wants to see although it is large. */
const LARGE_GUARD = { timeoutMs: 30_000, maxHeapBytes: 1024 * 1024 * 1024 } as const;
const GUARD = { timeoutMs: 5_000, maxHeapBytes: 128 * 1024 * 1024 } as const;

/** What was read of the open table. */
interface Contents {
  readonly texts: readonly string[];
  /** Of the objects that were too large to be read. */
  readonly largeBytes: number;
  readonly continuation: Term | undefined;
  readonly note: string | undefined;
}

const NOTHING_READ: Contents = { texts: [], largeBytes: 0, continuation: undefined, note: undefined };
const NOTES: Readonly<Record<Exclude<Page["type"], "objects">, string>> = {
  private: "The table is private: only its owner can read it.",
  gone: "The table has gone.",
};

/**
 * The ETS tables of the node, the largest first, and what is in them, a page at a time.
 *
 * @fires erl-select - a table was selected; `detail.selected` is its name or reference
 * @csspart toolbar
 * @csspart grid
 * @csspart row
 * @csspart cell
 * @csspart detail
 * @customElement erl-ets
 */
export class ErlEts extends PanelElement {
  static override properties: PropertyDeclarations = {
    _rows: { state: true },
    _gone: { state: true },
    _total: { state: true },
    _filter: { state: true },
    _sorting: { state: true },
    _contents: { state: true },
    _reading: { state: true },
    _problem: { state: true },
  };

  declare private _rows: readonly TableRow[] | undefined;
  /** Tables of the look before that have gone since. */
  declare private _gone: readonly GoneRow<TableRow>[];
  declare private _total: number;
  declare private _filter: string;
  declare private _sorting: Sorting;
  declare private _contents: Contents;
  declare private _reading: boolean;
  declare private _problem: Problem | undefined;

  readonly #refresher: Refresher = new Refresher(this, {
    intervalMs: () => this.refresh * 1_000,
    look: (signal) => this.#look(signal),
  });
  /** The key of the table that `_contents` is of. */
  #read = "";
  /** Somebody wants to see the large objects of it. */
  #asked = false;
  /** The connection that `_rows` came by: tables of another one have not gone. */
  #listedBy: RemoteNode | undefined;

  static override styles: CSSResult[] = [
    tokens,
    controls,
    panelStyles,
    css`
      .table {
        display: flex;
        flex-direction: column;
        min-height: 0;
        overflow: auto;
        border-top: 2px solid var(--_border);
        font-size: 0.8125rem;
      }

      .table .head {
        position: sticky;
        top: 0;
        display: flex;
        flex-wrap: wrap;
        gap: 0.375rem 0.75rem;
        align-items: center;
        padding: 0.5rem 0.75rem;
        background: var(--_surface-2);
      }

      .table .actions {
        display: flex;
        gap: 0.375rem;
        margin-inline-start: auto;
      }

      .table button {
        min-height: 2rem;
        padding: 0 0.625rem;
        font-size: 0.8125rem;
      }

      ol {
        margin: 0;
        padding: 0;
        list-style: none;
      }

      li {
        padding: 0.25rem 0.75rem;
        border-bottom: 1px solid var(--_border);
        font-family: var(--_font-mono);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }

      .more {
        padding: 0.5rem 0.75rem;
      }
    `,
  ];

  constructor() {
    super();
    this._gone = [];
    this._total = 0;
    this._filter = "";
    this._sorting = { column: "memory", direction: "descending" };
    this._contents = NOTHING_READ;
    this._reading = false;
  }

  protected override nodeUp(): void {
    const state = this.connection?.state;
    // Its reference means nothing any more, and a table of that name is another one.
    if (state?.type === "connected" && state.restarted) this.select("");
    this.#read = "";
    this.activeChanged();
  }

  protected override nodeDown(): void {
    this.#refresher.stop();
  }

  protected override activeChanged(): void {
    if (this.active && this.remote !== undefined) this.#refresher.start();
    else this.#refresher.stop();
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    if (this.selected !== this.#read) void this.#open();
  }

  protected override render(): TemplateResult {
    const { paused } = this.#refresher;
    const rows = this.#shownRows();
    return html`
      <div part="toolbar" class="toolbar" role="toolbar" aria-label="ETS tables" data-region>
        <label class="filter"><span>Filter</span>
          <input part="input" type="search" spellcheck="false" placeholder="name or owner" @input=${this.#filtered} />
        </label>
        <button part="button" type="button" data-key="p" aria-pressed=${paused ? "true" : "false"} @click=${() => (this.#refresher.paused = !paused)}>
          ${paused ? "Go on" : "Pause"}
        </button>
        <button part="button" type="button" data-key="r" @click=${this.#refreshAll}>Refresh</button>
        <span class="summary" role="status">${this.#summary(rows.filter(({ type }) => type !== DELETED).length)}</span>
      </div>
      ${
        this._problem === undefined
          ? nothing
          : problemView("The tables could not be listed", this._problem, this.remote?.name, () => this.#refresher.now())
      }
      <div class="split ${this.selected === "" ? "" : "with-detail"}">
        <erl-grid
          exportparts="grid, row, cell"
          label="ETS tables"
          .empty=${this.#emptyText()}
          .columns=${COLUMNS}
          .rows=${rowsOf(rows, this._gone, ({ key }) => key)}
          .sorting=${this._sorting}
          .selected=${this.selected}
          @grid-activate=${({ detail }: GridEventMap["grid-activate"]) => this.select(detail.key)}
          @grid-sort=${({ detail }: GridEventMap["grid-sort"]) => this.#sortBy(detail.column)}
        ></erl-grid>
        ${this.selected === "" ? nothing : this.#tableView(this.selected)}
      </div>
    `;
  }

  #summary(shown: number): string {
    if (this.remote === undefined) return "not connected";
    if (this._rows === undefined) return this._problem === undefined ? "asking the node" : "";
    const { cost } = this.#refresher;
    const listed = this._rows.length;
    const largest = this._total > LISTED_TABLES ? `, the ${count(LISTED_TABLES)} largest of ${count(this._total)}` : "";
    const filtered = shown === listed ? `${count(listed)} tables` : `${count(shown)} of ${count(listed)} tables`;
    return `${filtered}${largest}${cost === undefined ? "" : ` · costs ${percent(cost)} of a scheduler`}`;
  }

  #emptyText(): string {
    if (this._rows === undefined) return this._problem === undefined && this.remote !== undefined ? "Asking the node." : "";
    return this._rows.length === 0 ? "The node has no tables." : "No table matches the filter.";
  }

  #tableView(key: string): TemplateResult {
    const row = this.#row(key);
    const { texts, largeBytes, continuation, note } = this._contents;
    const isFull = texts.length >= MOST_OBJECTS;
    return html`
      <section part="detail" class="table" aria-label="Table ${key}" data-region tabindex="0">
        <div class="head">
          <strong class="mono">${key}</strong>
          <span>${row === undefined ? "" : `${row.type}, ${row.protection}, owner ${row.owner}`}</span>
          <span class="muted" role="status">${this.#extent(row)}</span>
          <span class="actions">
            <button part="button" type="button" @click=${() => void navigator.clipboard.writeText(texts.join("\n"))}>Copy</button>
            <button part="button" type="button" data-key="Escape" @click=${this.#close}>Close</button>
          </span>
        </div>
        ${note === undefined ? nothing : html`<p class="note">${note}</p>`}
        ${
          largeBytes === 0
            ? nothing
            : html`<p class="more">
                ${bytes(largeBytes)} of large objects, load? <button part="button" type="button" @click=${() => void this.#open(true)}>Load them</button>
              </p>`
        }
        <ol>${texts.map((each) => html`<li>${each}</li>`)}</ol>
        ${
          continuation === undefined
            ? nothing
            : html`<p class="more">
                ${
                  isFull
                    ? html`<span class="muted">More than ${count(MOST_OBJECTS)} objects are not read here.</span>`
                    : html`<button part="button" type="button" ?disabled=${this._reading || this.remote === undefined} @click=${() => void this.#more(continuation)}>
                        Next ${PAGE_OBJECTS}
                      </button>`
                }
              </p>`
        }
      </section>
    `;
  }

  #extent(row: TableRow | undefined): string {
    const { texts, note } = this._contents;
    if (note !== undefined) return "";
    if (this._reading && texts.length === 0) return "asking the node";
    return row === undefined ? `${count(texts.length)} objects` : `${count(texts.length)} of ${count(row.size)} objects`;
  }

  /** One that has just gone, too. */
  #row(key: string): TableRow | undefined {
    return this._rows?.find((each) => each.key === key) ?? this._gone.find(({ row }) => row.key === key)?.row;
  }

  #shownRows(): readonly TableRow[] {
    const wanted = this._filter.trim().toLowerCase();
    const matching = withGone(this._rows ?? [], this._gone).filter(({ key, name, owner }) =>
      `${key} ${name} ${owner}`.toLowerCase().includes(wanted),
    );
    const order = ORDERS[this._sorting.column] ?? byMemory;
    const ascending = matching.toSorted(order);
    return this._sorting.direction === "ascending" ? ascending : ascending.toReversed();
  }

  #sortBy(column: string): void {
    const { column: before, direction } = this._sorting;
    const turned = direction === "descending" ? "ascending" : "descending";
    this._sorting = { column, direction: column === before ? turned : "descending" };
  }

  readonly #filtered = (event: Event): void => {
    // The listener sits on the input.
    this._filter = (event.currentTarget as HTMLInputElement).value;
  };

  readonly #refreshAll = (): void => {
    this.#refresher.now();
    this.#read = "";
    void this.#open();
  };

  readonly #close = (): void => {
    this.select("");
    // Back to the row that it was of.
    this.renderRoot.querySelector<HTMLElement>("erl-grid")?.focus();
  };

  /** Reads the first page of the table that is selected, as soon as the node has told what its key stands for. */
  async #open(asked = false): Promise<void> {
    const { remote, selected } = this;
    const table = this.#row(selected)?.table;
    if (selected !== "" && (remote === undefined || table === undefined)) return;
    this.#read = selected;
    this.#asked = asked;
    this._contents = NOTHING_READ;
    if (remote === undefined || table === undefined) return;
    await this.#readPage(remote, FIRST_PAGE, { Table: table, Count: PAGE_OBJECTS });
  }

  async #more(continuation: Term): Promise<void> {
    const { remote } = this;
    if (remote !== undefined) await this.#readPage(remote, NEXT_PAGE, { Continuation: continuation });
  }

  async #readPage(remote: RemoteNode, recipe: string, bindings: Readonly<Record<string, Term>>): Promise<void> {
    const { redact } = this;
    const key = this.#read;
    const before = this._contents;
    this._reading = true;
    try {
      const all = { ...bindings, ...showBindings(EXTENT, redact, this.#asked) };
      const page = pageOf(await remote.evaluate(recipe, all, this.#asked ? LARGE_GUARD : GUARD), redact, EXTENT);
      // Another table may have been opened meanwhile.
      if (key !== this.#read || before !== this._contents) return;
      this._contents = added(before, page);
    } catch (error) {
      if (key !== this.#read || !remote.isConnected) return;
      const note = messageOf(error);
      this._contents = { ...before, continuation: undefined, note };
    } finally {
      this._reading = false;
    }
  }

  async #look(signal: AbortSignal): Promise<number | undefined> {
    const { remote } = this;
    if (remote === undefined) return undefined;
    const start = performance.now();
    try {
      const shown = this.#listedBy === remote ? (this._rows ?? []) : [];
      const bindings = { Shown: shown.map(({ table }) => table) };
      const { total, rows, gone } = tablesOf(await remote.evaluate(TABLES, bindings, { ...GUARD, signal }));
      if (signal.aborted) return undefined;
      this._problem = undefined;
      this._total = total;
      this.#listedBy = remote;
      this._rows = rows;
      this._gone = goneRows(shown, (row) => (gone.has(row.key) ? { ...row, type: DELETED } : undefined));
      if (gone.has(this.#read)) this._contents = { ...this._contents, continuation: undefined, note: NOTES.gone };
      return performance.now() - start;
    } catch (error) {
      if (!signal.aborted && remote.isConnected) this._problem = problemOf(error);
      return undefined;
    }
  }
}

function added(before: Contents, page: Page): Contents {
  if (page.type !== "objects") return { ...before, continuation: undefined, note: NOTES[page.type] };
  const texts = [...before.texts, ...page.texts];
  const largeBytes = before.largeBytes + page.largeBytes;
  return { texts, largeBytes, continuation: page.continuation, note: texts.length === 0 ? "The table is empty." : undefined };
}

const COLUMNS: readonly Column<TableRow>[] = [
  {
    id: "name",
    title: "Table",
    width: "minmax(8rem, 2fr)",
    sortable: true,
    narrow: true,
    cell: ({ key, name }) => (key === name || key === `'${name}'` ? name : `${name} ${key}`),
  },
  {
    id: "size",
    title: "Objects",
    width: "minmax(4rem, 0.7fr)",
    numeric: true,
    sortable: true,
    narrow: true,
    narrowWidth: "6rem",
    cell: ({ size }) => count(size),
  },
  {
    id: "memory",
    title: "Memory",
    width: "minmax(5rem, 0.7fr)",
    numeric: true,
    sortable: true,
    narrow: true,
    narrowWidth: "6rem",
    cell: ({ memoryBytes }) => bytes(memoryBytes),
  },
  { id: "type", title: "Type", width: "minmax(5rem, 0.8fr)", sortable: true, narrow: "below", cell: ({ type }) => type },
  {
    id: "protection",
    title: "Protection",
    width: "minmax(5rem, 0.7fr)",
    sortable: true,
    narrow: "below",
    cell: ({ protection }) => protection,
  },
  { id: "owner", title: "Owner", width: "minmax(8rem, 1.2fr)", sortable: true, narrow: "below", cell: ({ owner }) => owner },
];

const byMemory = (a: TableRow, b: TableRow): number => a.memoryBytes - b.memoryBytes;

const ORDERS: Readonly<Record<string, (a: TableRow, b: TableRow) => number>> = {
  name: (a, b) => a.name.localeCompare(b.name) || a.key.localeCompare(b.key),
  size: (a, b) => a.size - b.size,
  memory: byMemory,
  type: (a, b) => a.type.localeCompare(b.type),
  protection: (a, b) => a.protection.localeCompare(b.protection),
  owner: (a, b) => a.owner.localeCompare(b.owner),
};

declare global {
  interface HTMLElementTagNameMap {
    "erl-ets": ErlEts;
  }
}
