import { type CSSResult, css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { controls } from "../../controls.ts";
import { tokens } from "../../tokens.ts";
import { count, percent } from "../../units.ts";
import type { Column, GridEventMap } from "../grid/erl-grid.ts";
import { type GoneRow, goneRows, rowsOf, withGone } from "../grid/gone-rows.ts";
import { PanelElement } from "../panel-element.ts";
import { panelStyles } from "../panel-styles.ts";
import { type Problem, problemOf, problemView } from "../problem.ts";
import { Refresher } from "../refresher.ts";
import { lostRow, NODES_CALLS, type NodeRow, nodeRows } from "./node-row.ts";

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
    const rows = withGone(this._rows ?? [], this._gone);
    const selected = rows.find(({ name }) => name === this.selected);
    return html`
      <div part="toolbar" class="toolbar" role="toolbar" aria-label="Nodes" data-region>
        <button part="button" type="button" data-key="r" @click=${() => this.#refresher.now()}>Refresh</button>
        <span class="summary" role="status">${this.#summary()}</span>
      </div>
      ${
        this._problem === undefined
          ? nothing
          : problemView("The node did not name its nodes", this._problem, this.remote?.name, () => this.#refresher.now())
      }
      ${this._rows !== undefined && rows.every(({ isThisPage }) => isThisPage) ? html`<p class="note">It is connected to no node but this page.</p>` : nothing}
      <erl-grid
        exportparts="grid, row, cell"
        label="Nodes"
        .columns=${COLUMNS}
        .rows=${rowsOf(rows, this._gone, ({ name }) => name)}
        .selected=${this.selected}
        @grid-activate=${({ detail }: GridEventMap["grid-activate"]) => this.select(detail.key)}
      ></erl-grid>
      ${selected === undefined ? nothing : this.#nodeView(selected)}
    `;
  }

  #summary(): string {
    if (this.remote === undefined) return "not connected";
    if (this._rows === undefined) return this._problem === undefined ? "asking the node" : "";
    const connected = this._rows.filter(({ kind }) => kind !== "known").length;
    const { cost } = this.#refresher;
    return `${count(connected)} connected${cost === undefined ? "" : ` · costs ${percent(cost)} of a scheduler`}`;
  }

  #nodeView({ name, isThisPage }: NodeRow): TemplateResult {
    return html`
      <section part="detail" class="about" aria-label="Node ${name}" data-region>
        <strong class="mono">${name}</strong>
        ${
          isThisPage
            ? html`<span class="muted">That is this page.</span>`
            : html`
                <button part="button" type="button" @click=${() => void this.#goTo(name)}>Connect to it instead</button>
                <span class="muted">The bridge has to have it as a target, with the same cookie.</span>
              `
        }
        <button part="button" type="button" data-key="Escape" @click=${() => this.select("")}>Close</button>
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
      return undefined;
    }
  }
}

const COLUMNS: readonly Column<NodeRow>[] = [
  {
    id: "name",
    title: "Node",
    width: "minmax(10rem, 2fr)",
    narrow: true,
    cell: ({ name, isThisPage }) => (isThisPage ? `${name} (this page)` : name),
  },
  { id: "kind", title: "Kind", width: "minmax(5rem, 0.7fr)", narrow: true, narrowWidth: "5rem", cell: ({ kind }) => kind },
  { id: "state", title: "State", width: "minmax(6rem, 0.8fr)", narrow: "below", cell: ({ state }) => state },
  {
    id: "received",
    title: "Packets in",
    width: "minmax(5rem, 0.7fr)",
    numeric: true,
    cell: ({ received }) => (received === undefined ? "" : count(received)),
  },
  {
    id: "sent",
    title: "Packets out",
    width: "minmax(5rem, 0.7fr)",
    numeric: true,
    cell: ({ sent }) => (sent === undefined ? "" : count(sent)),
  },
];

declare global {
  interface HTMLElementTagNameMap {
    "erl-nodes": ErlNodes;
  }
}
