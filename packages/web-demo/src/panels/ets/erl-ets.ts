import type { Term } from "@erl-dist/core";
import { type CSSResult, css, html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { controls } from "../../controls.ts";
import type { RemoteNode } from "../../remote/remote-node.ts";
import { tokens } from "../../tokens.ts";
import { perWords, type Words } from "../../words.ts";
import type { Column, GridEventMap, Sorting } from "../grid/erl-grid.ts";
import { type GoneRow, goneRows, rowsOf, withGone } from "../grid/gone-rows.ts";
import { PanelElement } from "../panel-element.ts";
import { panelStyles } from "../panel-styles.ts";
import { type Problem, problemOf, problemView } from "../problem.ts";
import { Refresher } from "../refresher.ts";
import type { PanelKey } from "../strings.ts";
import { showBindings } from "../shown-term.ts";
import { FIRST_PAGE, LISTED_TABLES, NEXT_PAGE, TABLES } from "./recipes.ts";
import { ETS_STRINGS, type EtsKey } from "./strings.ts";
import { DELETED, type Page, pageOf, type TableRow, tablesOf } from "./table-row.ts";

/** Objects of a page, and what is shown of each. */
const PAGE_OBJECTS = 100;
const EXTENT = { Depth: 30, Characters: 2_000 } as const;
/** Objects that are kept; whoever wants to see more of a table asks for it by an expression. */
const MOST_OBJECTS = 2_000;
/** For what somebody wants to see although it is large. */
const LARGE_GUARD = { timeoutMs: 30_000, maxHeapBytes: 1024 * 1024 * 1024 } as const;
const GUARD = { timeoutMs: 5_000, maxHeapBytes: 128 * 1024 * 1024 } as const;

type EtsWords = Words<EtsKey | PanelKey>;

/** What was read of the open table. */
interface Contents {
  readonly texts: readonly string[];
  /** Of the objects that were too large to be read. */
  readonly largeBytes: number;
  readonly continuation: Term | undefined;
  readonly note: ((words: EtsWords) => string) | undefined;
  readonly problem?: Problem;
}

const NOTHING_READ: Contents = { texts: [], largeBytes: 0, continuation: undefined, note: undefined };
const NOTES: Readonly<Record<Exclude<Page["type"], "objects">, (words: EtsWords) => string>> = {
  private: (words) => words.say("etsPrivate"),
  gone: (words) => words.say("etsGone"),
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
    const words = this.#words;
    const { paused } = this.#refresher;
    const rows = this.#shownRows();
    return html`
      <div part="toolbar" class="toolbar" role="toolbar" aria-label=${words.say("etsTables")} data-region>
        <label class="filter"><span>${words.say("filter")}</span>
          <input part="input" type="search" spellcheck="false" placeholder=${words.say("etsFilterHint")} @input=${this.#filtered} />
        </label>
        <button part="button" type="button" data-key="p" aria-pressed=${paused ? "true" : "false"} @click=${() => (this.#refresher.paused = !paused)}>
          ${words.say(paused ? "goOn" : "pause")}
        </button>
        <button part="button" type="button" data-key="r" @click=${this.#refreshAll}>${words.say("refresh")}</button>
        <span class="summary" role="status">${this.#summary(rows.filter(({ type }) => type !== DELETED).length)}</span>
      </div>
      ${
        this._problem === undefined
          ? nothing
          : problemView(words.say("etsNotListed"), this._problem, words, this.remote?.name, () => this.#refresher.now())
      }
      <div class="split ${this.selected === "" ? "" : "with-detail"}">
        <erl-grid
          exportparts="grid, row, cell"
          label=${words.say("etsTables")}
          .empty=${this.#emptyText()}
          .words=${words}
          .columns=${columns(words)}
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

  get #words(): EtsWords {
    return this.wordsOf(ETS_STRINGS);
  }

  #summary(shown: number): string {
    const words = this.#words;
    if (this.remote === undefined) return words.say("notConnectedShort");
    if (this._rows === undefined) return this._problem === undefined ? words.say("askingNodeShort") : "";
    const { cost } = this.#refresher;
    const listed = this._rows.length;
    const all = words.many("etsCount", listed);
    const parts = [shown === listed ? all : words.say("etsShown", { shown: words.count(shown), all })];
    const ofAll = { listed: words.count(LISTED_TABLES), total: words.count(this._total) };
    if (this._total > LISTED_TABLES) parts.push(words.say("etsLargest", ofAll));
    if (cost !== undefined) parts.push(words.say("costs", { cost: words.percent(cost) }));
    return parts.join(" · ");
  }

  #emptyText(): string {
    const words = this.#words;
    if (this._rows === undefined) return this._problem === undefined && this.remote !== undefined ? words.say("askingNode") : "";
    return this._rows.length === 0 ? words.say("etsNone") : words.say("etsNoMatch");
  }

  #tableView(key: string): TemplateResult {
    const words = this.#words;
    const row = this.#row(key);
    const { texts, largeBytes, continuation, note, problem } = this._contents;
    const isFull = texts.length >= MOST_OBJECTS;
    return html`
      <section part="detail" class="table" aria-label=${words.say("etsTable", { table: key })} data-region tabindex="0">
        <div class="head">
          <strong class="mono">${key}</strong>
          <span>${row === undefined ? "" : words.say("etsAbout", { type: row.type, protection: row.protection, owner: row.owner })}</span>
          <span class="muted" role="status">${this.#extent(row)}</span>
          <span class="actions">
            <button part="button" type="button" @click=${() => void navigator.clipboard.writeText(texts.join("\n"))}>${words.say("copy")}</button>
            <button part="button" type="button" data-key="Escape" @click=${this.#close}>${words.say("close")}</button>
          </span>
        </div>
        ${note === undefined ? nothing : html`<p class="note">${note(words)}</p>`}
        ${problem === undefined ? nothing : problemView(words.say("etsNotRead"), problem, words, this.remote?.name, () => void this.#open(this.#asked))}
        ${
          largeBytes === 0
            ? nothing
            : html`<p class="more">
                ${words.say("etsLarge", { size: words.bytes(largeBytes) })} <button part="button" type="button" @click=${() => void this.#open(true)}>${words.say("etsLoad")}</button>
              </p>`
        }
        <ol>${texts.map((each) => html`<li>${each}</li>`)}</ol>
        ${
          continuation === undefined
            ? nothing
            : html`<p class="more">
                ${
                  isFull
                    ? html`<span class="muted">${words.say("etsFull", { count: words.count(MOST_OBJECTS) })}</span>`
                    : html`<button part="button" type="button" ?disabled=${this._reading || this.remote === undefined} @click=${() => void this.#more(continuation)}>
                        ${words.say("etsNext", { count: words.count(PAGE_OBJECTS) })}
                      </button>`
                }
              </p>`
        }
      </section>
    `;
  }

  #extent(row: TableRow | undefined): string {
    const words = this.#words;
    const { texts, note, problem } = this._contents;
    if (note !== undefined || problem !== undefined) return "";
    if (this._reading && texts.length === 0) return words.say("askingNodeShort");
    const all = words.many("etsObjects", row?.size ?? texts.length);
    return row === undefined ? all : words.say("etsShown", { shown: words.count(texts.length), all });
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
      const page = pageOf(await remote.evaluate(recipe, all, this.#asked ? LARGE_GUARD : GUARD), redact, EXTENT, this.#words);
      // Another table may have been opened meanwhile.
      if (key !== this.#read || before !== this._contents) return;
      this._contents = added(before, page);
    } catch (error) {
      if (key !== this.#read || !remote.isConnected) return;
      this._contents = { ...before, continuation: undefined, problem: problemOf(error) };
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
  const note = texts.length === 0 ? (words: EtsWords): string => words.say("etsEmpty") : undefined;
  return { texts, largeBytes, continuation: page.continuation, note };
}

const columns: (words: EtsWords) => readonly Column<TableRow>[] = perWords((words) => [
  {
    id: "name",
    title: words.say("etsName"),
    width: "minmax(8rem, 2fr)",
    sortable: true,
    narrow: true,
    cell: ({ key, name }) => (key === name || key === `'${name}'` ? name : `${name} ${key}`),
  },
  {
    id: "size",
    title: words.say("etsSize"),
    width: "minmax(4rem, 0.7fr)",
    numeric: true,
    sortable: true,
    narrow: true,
    narrowWidth: "6rem",
    cell: ({ size }) => words.count(size),
  },
  {
    id: "memory",
    title: words.say("etsMemory"),
    width: "minmax(5rem, 0.7fr)",
    numeric: true,
    sortable: true,
    narrow: true,
    narrowWidth: "6rem",
    cell: ({ memoryBytes }) => words.bytes(memoryBytes),
  },
  {
    id: "type",
    title: words.say("etsType"),
    width: "minmax(5rem, 0.8fr)",
    sortable: true,
    narrow: "below",
    cell: ({ type }) => type,
  },
  {
    id: "protection",
    title: words.say("etsProtection"),
    width: "minmax(5rem, 0.7fr)",
    sortable: true,
    narrow: "below",
    cell: ({ protection }) => protection,
  },
  {
    id: "owner",
    title: words.say("etsOwner"),
    width: "minmax(8rem, 1.2fr)",
    sortable: true,
    narrow: "below",
    cell: ({ owner }) => owner,
  },
]);

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
