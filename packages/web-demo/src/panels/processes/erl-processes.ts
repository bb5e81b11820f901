import { type CSSResult, css, html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { controls } from "../../controls.ts";
import type { RemoteNode } from "../../remote/remote-node.ts";
import { tokens } from "../../tokens.ts";
import { perWords, Words } from "../../words.ts";
import type { Column, GridEventMap, Rows, Sorting } from "../grid/erl-grid.ts";
import { type GoneRow, goneRows, rowsOf, withGone } from "../grid/gone-rows.ts";
import { PanelElement } from "../panel-element.ts";
import { panelStyles } from "../panel-styles.ts";
import { type Problem, problemOf, problemView } from "../problem.ts";
import { Refresher } from "../refresher.ts";
import type { PanelKey } from "../strings.ts";
import { AllProcesses } from "./all-processes.ts";
import { ENDED, type ProcessRow, type SortItem, topBindings, topResult } from "./process-row.ts";
import { TOP } from "./recipes.ts";
import { PROCESSES_STRINGS, type ProcessesKey } from "./strings.ts";

type ProcessesWords = Words<ProcessesKey | PanelKey>;

const TOP_GUARD = { timeoutMs: 30_000, maxHeapBytes: 512 * 1024 * 1024 } as const;
const FILTER_DELAY_MS = 300;

const SORTS: readonly { readonly item: SortItem; readonly title: ProcessesKey; readonly column: string }[] = [
  { item: "memory", title: "processesByMemory", column: "memory" },
  { item: "reductions", title: "processesByReductions", column: "reductions" },
  { item: "message_queue_len", title: "processesByQueue", column: "queue" },
  { item: "total_heap_size", title: "processesByHeap", column: "growth" },
];
const WINDOWS: readonly { readonly ms: number; readonly title: ProcessesKey }[] = [
  { ms: 0, title: "processesNow" },
  { ms: 1_000, title: "processesGrowth1" },
  { ms: 5_000, title: "processesGrowth5" },
];
const LIMITS = [50, 100, 500] as const;

/**
 * The processes of the node: the top of them by memory, reductions, message queue or heap, or by how much these grow; or all of them.
 * Sorting and filtering is done by the node, so that only what is shown crosses the connection.
 *
 * @fires erl-select - a process was selected; `detail.selected` is its pid
 * @csspart toolbar
 * @csspart grid
 * @csspart row
 * @csspart cell
 * @csspart detail
 * @customElement erl-processes
 */
export class ErlProcesses extends PanelElement {
  static override properties: PropertyDeclarations = {
    columns: { attribute: false },
    processFilter: { attribute: false },
    _sort: { state: true },
    _windowMs: { state: true },
    _limit: { state: true },
    _filter: { state: true },
    _rows: { state: true },
    _gone: { state: true },
    _total: { state: true },
    _matching: { state: true },
    _problem: { state: true },
    _local: { state: true },
    _updatedAt: { state: true },
  };

  /** Ids of columns of ours, and columns of the page's own, in their order; ours when absent. */
  declare columns: readonly ProcessColumn[] | undefined;
  /** Leaves out processes that it is false for, of those that the node has listed. Not where all are shown. */
  declare processFilter: ((process: ProcessRow) => boolean) | undefined;

  declare private _sort: SortItem;
  declare private _windowMs: number;
  /** 0: all processes, in the order of their pids. */
  declare private _limit: number;
  declare private _filter: string;
  declare private _rows: readonly ProcessRow[];
  /** Rows of the look before whose processes have ended. */
  declare private _gone: readonly GoneRow<ProcessRow>[];
  declare private _total: number | undefined;
  declare private _matching: number | undefined;
  declare private _problem: Problem | undefined;
  /** An order of the rows that are here, where a person asked for one that the node does not know. */
  declare private _local: Sorting | undefined;
  declare private _updatedAt: Date | undefined;

  readonly #refresher: Refresher = new Refresher(this, {
    intervalMs: () => this.refresh * 1_000,
    look: (signal) => this.#look(signal),
  });
  readonly #all: AllProcesses = new AllProcesses(() => this.requestUpdate());
  /** The question that `_rows` answer. */
  #asked = "";
  #filterTimer: ReturnType<typeof setTimeout> | undefined;

  static override styles: CSSResult[] = [
    tokens,
    controls,
    panelStyles,
    css`
      erl-process {
        min-height: 0;
        border-top: 2px solid var(--_border);
      }
    `,
  ];

  constructor() {
    super();
    this._sort = "memory";
    this._windowMs = 0;
    this._limit = 100;
    this._filter = "";
    this._rows = [];
    this._gone = [];
  }

  protected override nodeUp(remote: RemoteNode): void {
    this.#all.follow(remote);
    const state = this.connection?.state;
    // Its pid means another process now, or none.
    if (state?.type === "connected" && state.restarted) this.select("");
    if (this.active) this.#refresher.start();
  }

  protected override nodeDown(): void {
    this.#all.follow(undefined);
    this.#refresher.stop();
  }

  protected override activeChanged(): void {
    if (this.active && this.remote !== undefined) this.#refresher.start();
    else this.#refresher.stop();
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const asked = ["_sort", "_windowMs", "_limit", "_filter"].some((name) => changed.has(name));
    if (asked && changed.get("_sort") !== undefined) this.#refresher.now();
    else if (asked && this.hasUpdated && [...changed.values()].some((before) => before !== undefined)) this.#refresher.now();
  }

  get #words(): ProcessesWords {
    return this.wordsOf(PROCESSES_STRINGS);
  }

  protected override render(): TemplateResult {
    const words = this.#words;
    return html`
      ${this.#toolbar()}
      ${this._problem === undefined ? nothing : problemView(words.say("processesNotListed"), this._problem, words, this.remote?.name, () => this.#refresher.now())}
      <div class="split ${this.selected === "" ? "" : "with-detail"}">
        <erl-grid
          exportparts="grid, row, cell"
          label=${words.say("processes")}
          .words=${words}
          .empty=${this._total !== undefined && this._problem === undefined ? words.say("processesNoMatch") : ""}
          .columns=${columnsOf(this.columns, columns(words)).filter(({ id }) => id !== "growth" || this._windowMs > 0)}
          .rows=${this._limit === 0 ? this.#all : this.#shownRows()}
          .sorting=${this._limit === 0 ? undefined : (this._local ?? this.#nodeSorting())}
          .selected=${this.selected}
          @grid-activate=${({ detail }: GridEventMap["grid-activate"]) => this.select(detail.key)}
          @grid-sort=${({ detail }: GridEventMap["grid-sort"]) => this.#sortBy(detail.column)}
          @grid-range=${({ detail }: GridEventMap["grid-range"]) => this._limit === 0 && void this.#all.show(detail.first, detail.last)}
        ></erl-grid>
        ${
          this.selected === ""
            ? nothing
            : html`
                <erl-process
                  part="detail"
                  .connection=${this.connection}
                  .active=${this.active}
                  .allow=${this.allow}
                  .readOnly=${this.readOnly}
                  .refresh=${this.refresh}
                  .density=${this.density}
                  .redact=${this.redact}
                  .linkForMfa=${this.linkForMfa}
                  .strings=${this.strings}
                  .pid=${this.selected}
                  @process-close=${() => this.#close()}
                  @process-open=${({ detail }: CustomEvent<{ readonly pid: string }>) => this.select(detail.pid)}
                ></erl-process>
              `
        }
      </div>
    `;
  }

  #toolbar(): TemplateResult {
    const words = this.#words;
    const { paused } = this.#refresher;
    return html`
      <div part="toolbar" class="toolbar" role="toolbar" aria-label=${words.say("processes")} data-region>
        <label><span>${words.say("processesTopBy")}</span>
          <select part="input" .value=${this._sort} ?disabled=${this._limit === 0} @change=${(event: Event) => this.#sortOn(valueOf(event))}>
            ${SORTS.map(({ item, title }) => html`<option value=${item} ?selected=${item === this._sort}>${words.say(title)}</option>`)}
          </select>
        </label>
        <label><span>${words.say("processesMeasured")}</span>
          <select part="input" ?disabled=${this._limit === 0} @change=${(event: Event) => (this._windowMs = Number(valueOf(event)))}>
            ${WINDOWS.map(({ ms, title }) => html`<option value=${ms} ?selected=${ms === this._windowMs}>${words.say(title)}</option>`)}
          </select>
        </label>
        <label><span>${words.say("processesShow")}</span>
          <select part="input" @change=${(event: Event) => this.#limitTo(Number(valueOf(event)))}>
            ${LIMITS.map((limit) => html`<option value=${limit} ?selected=${limit === this._limit}>${words.count(limit)}</option>`)}
            <option value="0" ?selected=${this._limit === 0}>${words.say("processesAll")}</option>
          </select>
        </label>
        <label class="filter"><span>${words.say("filter")}</span>
          <input
            part="input"
            type="search"
            spellcheck="false"
            placeholder=${words.say("processesFilterHint")}
            aria-invalid=${this._problem !== undefined && this._filter !== "" ? "true" : "false"}
            ?disabled=${this._limit === 0}
            @input=${this.#filterTyped}
          />
        </label>
        <button part="button" type="button" data-key="p" aria-pressed=${paused ? "true" : "false"} @click=${() => (this.#refresher.paused = !paused)}>
          ${words.say(paused ? "goOn" : "pause")}
        </button>
        <button part="button" type="button" data-key="r" @click=${() => this.#refresher.now()}>${words.say("refresh")}</button>
        <span class="summary" role="status">${this.#summary()}</span>
      </div>
    `;
  }

  #summary(): string {
    const words = this.#words;
    if (this.remote === undefined) {
      return this._updatedAt === undefined
        ? words.say("notConnectedShort")
        : words.say("processesAsOf", { time: words.time(this._updatedAt) });
    }
    if (this._total === undefined) return this._problem === undefined ? words.say("askingNodeShort") : "";
    const { cost } = this.#refresher;
    const shown = this._limit === 0 ? words.many("processesCount", this.#all.living) : this.#topSummary(words, this._total);
    return cost === undefined ? shown : `${shown} · ${words.say("costs", { cost: words.percent(cost) })}`;
  }

  #topSummary(words: ProcessesWords, all: number): string {
    const shown = words.count(this.#filtered(this._rows).length);
    const matching = words.count(this._matching ?? all);
    const total = words.count(all);
    return words.say(this._matching === all ? "processesTop" : "processesTopFiltered", { shown, matching, total });
  }

  /** The rows that are here, in the order that was asked for. */
  #shownRows(): Rows<ProcessRow> {
    const filtered = this.#filtered(withGone(this._rows, this._gone));
    const rows = this._local === undefined ? filtered : sorted(filtered, this._local);
    return rowsOf(rows, this._gone, ({ key }) => key);
  }

  #filtered(rows: readonly ProcessRow[]): readonly ProcessRow[] {
    const { processFilter } = this;
    return processFilter === undefined ? rows : rows.filter((row) => processFilter(row));
  }

  #nodeSorting(): Sorting {
    const column = this._windowMs > 0 ? "growth" : (SORTS.find(({ item }) => item === this._sort)?.column ?? "memory");
    return { column, direction: "descending" };
  }

  /** By one of the columns that the node sorts by, or of what is here. */
  #sortBy(column: string): void {
    const sort = SORTS.find((each) => each.column === column && column !== "growth");
    if (sort !== undefined) {
      this.#sortOn(sort.item);
      return;
    }
    const direction = this._local?.column === column && this._local.direction === "ascending" ? "descending" : "ascending";
    this._local = { column, direction };
  }

  #sortOn(item: string): void {
    this._local = undefined;
    this._sort = SORTS.find((sort) => sort.item === item)?.item ?? "memory";
  }

  #limitTo(limit: number): void {
    this._limit = limit;
    this._local = undefined;
  }

  readonly #filterTyped = (event: Event): void => {
    const filter = valueOf(event);
    clearTimeout(this.#filterTimer);
    this.#filterTimer = setTimeout(() => (this._filter = filter), FILTER_DELAY_MS);
  };

  #close(): void {
    this.select("");
    // Back to the row that the detail was of.
    this.renderRoot.querySelector<HTMLElement>("erl-grid")?.focus();
  }

  async #look(signal: AbortSignal): Promise<number | undefined> {
    const { remote } = this;
    if (remote === undefined) return undefined;
    try {
      return this._limit === 0 ? await this.#lookAtAll(signal) : await this.#lookAtTop(remote, signal);
    } catch (error) {
      if (signal.aborted || !remote.isConnected) return undefined;
      this._problem = problemOf(error);
      return undefined;
    }
  }

  async #lookAtTop(remote: RemoteNode, signal: AbortSignal): Promise<number | undefined> {
    const asked = JSON.stringify([this._sort, this._windowMs, this._limit, this._filter, remote.name]);
    // The rows of another question are no reference for this one.
    const shown = asked === this.#asked ? this._rows : [];
    const query = {
      sort: this._sort,
      limit: this._limit,
      windowMs: this._windowMs,
      filter: this._filter,
      shown: shown.map(({ pid }) => pid),
    };
    const result = topResult(await remote.evaluate(TOP, topBindings(query), { ...TOP_GUARD, signal }), query.windowMs > 0);
    if (signal.aborted) return undefined;
    if (result.type === "problem") {
      const { message } = result;
      this._problem = { message: () => message(this.#words), details: message(new Words("en", PROCESSES_STRINGS)) };
      this._rows = [];
      this._gone = [];
      this._matching = 0;
      return 0;
    }
    this._problem = undefined;
    this.#asked = asked;
    this._gone = goneRows(shown, (row) =>
      result.ended.has(row.key) ? { ...row, status: ENDED, currentFunction: "" } : undefined,
    );
    this._rows = result.rows;
    this._total = result.total;
    this._matching = result.matching;
    this._updatedAt = new Date();
    return result.tookMs;
  }

  async #lookAtAll(signal: AbortSignal): Promise<number | undefined> {
    const tookMs = await this.#all.look(signal);
    this._problem = undefined;
    this._total = this.#all.living;
    this._updatedAt = new Date();
    return tookMs;
  }
}

/** A column of the table of processes: one of ours by its id, or one of the page's own. */
export type ProcessColumn = string | (Pick<Column<ProcessRow>, "id" | "title" | "cell"> & Partial<Column<ProcessRow>>);

/** Nothing but ours when there are none; ids that are unknown are left out. */
function columnsOf(
  wanted: readonly ProcessColumn[] | undefined,
  ours: readonly Column<ProcessRow>[],
): readonly Column<ProcessRow>[] {
  if (wanted === undefined) return ours;
  return wanted.flatMap((each) => {
    if (typeof each !== "string") return { width: "minmax(6rem, 1fr)", ...each };
    return ours.find(({ id }) => id === each) ?? [];
  });
}

const columns: (words: ProcessesWords) => readonly Column<ProcessRow>[] = perWords((words) => [
  {
    id: "pid",
    title: words.say("processesPid"),
    width: "minmax(6rem, 0.6fr)",
    narrowWidth: "5.5rem",
    sortable: true,
    narrow: true,
    cell: ({ key }) => key,
  },
  {
    id: "name",
    title: words.say("processesName"),
    width: "minmax(8rem, 2fr)",
    sortable: true,
    narrow: true,
    cell: ({ name }) => name,
  },
  {
    id: "growth",
    title: words.say("processesGrowth"),
    width: "minmax(5rem, 0.7fr)",
    numeric: true,
    sortable: true,
    cell: ({ growth }) => (growth === undefined ? "" : words.count(growth)),
  },
  {
    id: "reductions",
    title: words.say("processesReductions"),
    width: "minmax(6rem, 0.8fr)",
    numeric: true,
    sortable: true,
    cell: (row) => words.count(row.reductions),
  },
  {
    id: "memory",
    title: words.say("processesMemory"),
    width: "minmax(5rem, 0.7fr)",
    numeric: true,
    sortable: true,
    narrow: true,
    narrowWidth: "5.5rem",
    cell: (row) => words.bytes(row.memoryBytes),
  },
  {
    id: "queue",
    title: words.say("processesQueue"),
    width: "minmax(4rem, 0.5fr)",
    numeric: true,
    sortable: true,
    cell: (row) => words.count(row.queueLength),
  },
  {
    id: "status",
    title: words.say("processesStatus"),
    width: "minmax(5rem, 0.6fr)",
    sortable: true,
    narrow: "below",
    cell: ({ status }) => (status === ENDED ? words.say("processesEnded") : status),
  },
  {
    id: "current",
    title: words.say("processesCurrent"),
    width: "minmax(8rem, 1.5fr)",
    sortable: true,
    narrow: "below",
    cell: (row) => row.currentFunction,
  },
]);

const ORDERS: Readonly<Record<string, (a: ProcessRow, b: ProcessRow) => number>> = {
  pid: (a, b) => a.pid.serial - b.pid.serial || a.pid.id - b.pid.id,
  name: (a, b) => a.name.localeCompare(b.name),
  growth: (a, b) => (a.growth ?? 0) - (b.growth ?? 0),
  status: (a, b) => a.status.localeCompare(b.status),
  current: (a, b) => a.currentFunction.localeCompare(b.currentFunction),
};

function sorted(rows: readonly ProcessRow[], { column, direction }: Sorting): readonly ProcessRow[] {
  const order = ORDERS[column];
  if (order === undefined) return rows;
  const ascending = rows.toSorted(order);
  return direction === "ascending" ? ascending : ascending.toReversed();
}

function valueOf(event: Event): string {
  // The listeners sit on inputs and selects.
  return (event.currentTarget as HTMLInputElement | HTMLSelectElement).value;
}

declare global {
  interface HTMLElementTagNameMap {
    "erl-processes": ErlProcesses;
  }
}
