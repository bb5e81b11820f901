import { type CSSResult, css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { controls } from "../../controls.ts";
import { tokens } from "../../tokens.ts";
import { perWords, type Words } from "../../words.ts";
import type { Column, GridEventMap } from "../grid/erl-grid.ts";
import { type GoneRow, goneRows, rowsOf, withGone } from "../grid/gone-rows.ts";
import { PanelElement } from "../panel-element.ts";
import { panelStyles } from "../panel-styles.ts";
import { type Problem, problemOf, problemView } from "../problem.ts";
import { Refresher } from "../refresher.ts";
import type { PanelKey } from "../strings.ts";
import { lostRow, NODES_CALLS, type NodeRow, nodeRows } from "./node-row.ts";
import { NODES_STRINGS, type NodesKey } from "./strings.ts";

type NodesWords = Words<NodesKey | PanelKey>;

/**
 * The nodes that the node is connected to, hidden ones too; the console can go on to one of them, where the bridge has it as a
 * target.
 *
 * @fires erl-select - a node was selected
 * @csspart toolbar
 * @csspart grid
 * @csspart row
 * @csspart cell
 * @csspart detail
 * @customElement erl-nodes
 */
export class ErlNodes extends PanelElement {
  static override properties: PropertyDeclarations = {
    _rows: { state: true },
    _gone: { state: true },
    _problem: { state: true },
  };

  declare private _rows: readonly NodeRow[] | undefined;
  /** Nodes of the look before that are not connected any more. */
  declare private _gone: readonly GoneRow<NodeRow>[];
  declare private _problem: Problem | undefined;

  readonly #refresher: Refresher = new Refresher(this, {
    intervalMs: () => this.refresh * 1_000,
    look: (signal) => this.#look(signal),
  });

  static override styles: CSSResult[] = [
    tokens,
    controls,
    panelStyles,
    css`
      .about {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1rem;
        align-items: center;
        padding: 0.75rem;
        border-top: 2px solid var(--_border);
        font-size: 0.8125rem;
      }

      .about button:last-child {
        margin-inline-start: auto;
      }
    `,
  ];

  constructor() {
    super();
    this._gone = [];
  }

  protected override nodeUp(): void {
    this._rows = undefined;
    this._gone = [];
    this.activeChanged();
  }

  protected override nodeDown(): void {
    this.#refresher.stop();
  }

  protected override activeChanged(): void {
    if (this.active && this.remote !== undefined) this.#refresher.start();
    else this.#refresher.stop();
  }

  protected override render(): TemplateResult {
    const words = this.#words;
    const rows = withGone(this._rows ?? [], this._gone);
    const selected = rows.find(({ name }) => name === this.selected);
    return html`
      <div part="toolbar" class="toolbar" role="toolbar" aria-label=${words.say("nodes")} data-region>
        <button part="button" type="button" data-key="r" @click=${() => this.#refresher.now()}>${words.say("refresh")}</button>
        <span class="summary" role="status">${this.#summary()}</span>
      </div>
      ${
        this._problem === undefined
          ? nothing
          : problemView(words.say("nodesNotNamed"), this._problem, words, this.remote?.name, () => this.#refresher.now())
      }
      ${this._rows !== undefined && rows.every(({ isThisPage }) => isThisPage) ? html`<p class="note">${words.say("nodesNone")}</p>` : nothing}
      <erl-grid
        exportparts="grid, row, cell"
        label=${words.say("nodes")}
        .words=${words}
        .columns=${columns(words)}
        .rows=${rowsOf(rows, this._gone, ({ name }) => name)}
        .selected=${this.selected}
        @grid-activate=${({ detail }: GridEventMap["grid-activate"]) => this.select(detail.key)}
      ></erl-grid>
      ${selected === undefined ? nothing : this.#nodeView(selected)}
    `;
  }

  get #words(): NodesWords {
    return this.wordsOf(NODES_STRINGS);
  }

  #summary(): string {
    const words = this.#words;
    if (this.remote === undefined) return words.say("notConnectedShort");
    if (this._rows === undefined) return this._problem === undefined ? words.say("askingNodeShort") : "";
    const connected = this._rows.filter(({ kind }) => kind !== "known").length;
    const { cost } = this.#refresher;
    const parts = [words.many("nodesConnected", connected)];
    if (cost !== undefined) parts.push(words.say("costs", { cost: words.percent(cost) }));
    return parts.join(" · ");
  }

  #nodeView({ name, isThisPage }: NodeRow): TemplateResult {
    const words = this.#words;
    return html`
      <section part="detail" class="about" aria-label=${words.say("nodesNode", { node: name })} data-region>
        <strong class="mono">${name}</strong>
        ${
          isThisPage
            ? html`<span class="muted">${words.say("nodesThatIsThisPage")}</span>`
            : html`
                <button part="button" type="button" @click=${() => void this.#goTo(name)}>${words.say("nodesGoTo")}</button>
                <span class="muted">${words.say("nodesGoToHint")}</span>
              `
        }
        <button part="button" type="button" data-key="Escape" @click=${() => this.select("")}>${words.say("close")}</button>
      </section>
    `;
  }

  async #goTo(node: string): Promise<void> {
    const { connection } = this;
    await connection?.connect({ ...connection.settings, node, target: "" }, connection.way);
  }

  async #look(signal: AbortSignal): Promise<number | undefined> {
    const { remote } = this;
    if (remote === undefined) return undefined;
    const start = performance.now();
    try {
      const answers = await remote.batch(NODES_CALLS, { signal });
      if (signal.aborted) return undefined;
      this._problem = undefined;
      const rows = nodeRows(answers, remote.name, remote.local.name);
      this._gone = goneRows(this._rows ?? [], (row) => lostRow(row, rows));
      // One that is only known now comes in its new place with the next look.
      const gone = new Set(this._gone.map(({ row }) => row.name));
      this._rows = rows.filter(({ name }) => !gone.has(name));
      // More than it took on the node: the way there is in it.
      return performance.now() - start;
    } catch (error) {
      if (!signal.aborted && remote.isConnected) this._problem = problemOf(error);
      // However long that took, the node has not worked for it.
      return 0;
    }
  }
}

const KINDS = { visible: "nodesVisible", hidden: "nodesHidden", known: "nodesKnown" } as const satisfies Record<
  NodeRow["kind"],
  NodesKey
>;

const columns: (words: NodesWords) => readonly Column<NodeRow>[] = perWords((words) => [
  {
    id: "name",
    title: words.say("nodesName"),
    width: "minmax(10rem, 2fr)",
    narrow: true,
    cell: ({ name, isThisPage }) => (isThisPage ? words.say("nodesThisPage", { node: name }) : name),
  },
  {
    id: "kind",
    title: words.say("nodesKind"),
    width: "minmax(5rem, 0.7fr)",
    narrow: true,
    narrowWidth: "5rem",
    cell: ({ kind }) => words.say(KINDS[kind]),
  },
  {
    id: "state",
    title: words.say("nodesState"),
    width: "minmax(6rem, 0.8fr)",
    narrow: "below",
    cell: ({ state }) => state ?? words.say("notConnectedShort"),
  },
  {
    id: "received",
    title: words.say("nodesIn"),
    width: "minmax(5rem, 0.7fr)",
    numeric: true,
    cell: ({ received }) => (received === undefined ? "" : words.count(received)),
  },
  {
    id: "sent",
    title: words.say("nodesOut"),
    width: "minmax(5rem, 0.7fr)",
    numeric: true,
    cell: ({ sent }) => (sent === undefined ? "" : words.count(sent)),
  },
]);

declare global {
  interface HTMLElementTagNameMap {
    "erl-nodes": ErlNodes;
  }
}
