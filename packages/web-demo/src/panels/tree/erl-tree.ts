import { Atom, Pid, type Term, Tuple } from "@erl-dist/core";
import { type CSSResult, css, html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { controls } from "../../controls.ts";
import type { RemoteNode } from "../../remote/remote-node.ts";
import { ToldError } from "../../told-error.ts";
import { tokens } from "../../tokens.ts";
import { PanelElement } from "../panel-element.ts";
import { panelStyles } from "../panel-styles.ts";
import { messageOf, type Problem, problemOf, problemView } from "../problem.ts";
import { localPid } from "../processes/process-row.ts";
import { Refresher } from "../refresher.ts";
import { showBindings } from "../shown-term.ts";
import { columns, isAction, selectionOf, treeRow, type TreeWords } from "./cells.ts";
import type { ErlTreeview, TreeviewEventMap } from "./erl-treeview.ts";
import { PAGE_CHILDREN, ProcessTree, type ShownNode, type TreeNode } from "./process-tree.ts";
import { LOCATE, LOOK, PATIENCE_MS, STRATEGY } from "./recipes.ts";
import { TREE_STRINGS } from "./strings.ts";
import { type Application, ID_EXTENT, isSupervisor, type Look, lookOf } from "./tree-row.ts";

/** Each that is asked takes at most twice its patience; so many are asked in one call. */
const ASKED_AT_ONCE = 10;
const GUARD = { timeoutMs: ASKED_AT_ONCE * 2 * PATIENCE_MS + 10_000, maxHeapBytes: 128 * 1024 * 1024 } as const;
/** "Expand all" stops there: it is for a look around, and not for a node with thousands of supervisors. */
const MOST_EXPANDED = 100;

/**
 * The applications of the node and their supervision trees. What is below a row comes when it is opened; supervisors with many children
 * are asked only for their number, and processes of other nodes not at all.
 *
 * @fires erl-select - a process or an application was selected; `detail.selected` is its pid or its name
 * @csspart toolbar
 * @csspart tree
 * @csspart row
 * @csspart cell
 * @csspart detail
 * @customElement erl-tree
 */
export class ErlTree extends PanelElement {
  static override properties: PropertyDeclarations = {
    _filter: { state: true },
    _problem: { state: true },
    _stopped: { state: true },
    _strategy: { state: true },
  };

  declare private _filter: string;
  declare private _problem: Problem | undefined;
  /** "Expand all" has not opened all. */
  declare private _stopped: boolean;
  /** What the selected supervisor's state has told. */
  declare private _strategy: ((words: TreeWords) => string) | undefined;

  readonly #refresher: Refresher = new Refresher(this, {
    intervalMs: () => this.refresh * 1_000,
    look: (signal) => this.#look(signal),
  });
  readonly #tree: ProcessTree = new ProcessTree();
  /** What the tree is of. */
  #node = "";
  #range = { first: 0, last: 0 };
  /** The selection that the tree has been opened for. */
  #revealed = "";

  static override styles: CSSResult[] = [
    tokens,
    controls,
    panelStyles,
    css`
      .detail {
        display: flex;
        flex-direction: column;
        min-height: 0;
        overflow: auto;
        border-top: 2px solid var(--_border);
      }

      .about {
        display: flex;
        flex-wrap: wrap;
        gap: 0.375rem 1rem;
        align-items: center;
        padding: 0.5rem 0.75rem;
        border-bottom: 1px solid var(--_border);
        font-size: 0.8125rem;
      }

      .about button {
        min-height: 2rem;
        padding: 0 0.625rem;
        font-size: 0.8125rem;
      }

      .about .close {
        margin-inline-start: auto;
      }

      @container (max-width: 40rem) {
        .split.with-detail > erl-treeview {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    this._filter = "";
    this._stopped = false;
    this._strategy = undefined;
  }

  protected override nodeUp(remote: RemoteNode): void {
    const state = this.connection?.state;
    const isAnother = this.#node !== "" && this.#node !== remote.name;
    this.#node = remote.name;
    // Pids from before mean other processes now, or none.
    if (isAnother || (state?.type === "connected" && state.restarted)) {
      this.#tree.clear();
      this.select("");
    }
    this.activeChanged();
  }

  protected override nodeDown(): void {
    this.#refresher.stop();
  }

  protected override activeChanged(): void {
    if (this.active && this.remote !== undefined) this.#refresher.start();
    else this.#refresher.stop();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    if (changed.has("selected")) this._strategy = undefined;
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    if (this.selected !== this.#revealed) void this.#reveal();
  }

  get #words(): TreeWords {
    return this.wordsOf(TREE_STRINGS);
  }

  protected override render(): TemplateResult {
    const words = this.#words;
    const { paused } = this.#refresher;
    const rows = this.#tree.rows(this._filter);
    const detail = this.selected === "" ? nothing : this.#detailView(this.#selectedNode());
    // What there is to say of an application is a line, for which there is room everywhere.
    const isLarge = detail !== nothing && this.selected.startsWith("<");
    return html`
      <div part="toolbar" class="toolbar" role="toolbar" aria-label=${words.say("tree_title")} data-region>
        <label class="filter"><span>${words.say("filter")}</span>
          <input part="input" type="search" spellcheck="false" placeholder=${words.say("tree_filterHint")} @input=${this.#filtered} />
        </label>
        <label>
          <input part="input" type="checkbox" .checked=${this.#tree.withLinks} @change=${this.#linksSwitched} /><span>${words.say("tree_linked")}</span>
        </label>
        <button part="button" type="button" data-key @click=${() => void this.#expandAll()}>${words.say("tree_expandAll")}</button>
        <button part="button" type="button" data-key @click=${this.#collapseAll}>${words.say("tree_collapseAll")}</button>
        <button part="button" type="button" data-key="p" aria-pressed=${paused ? "true" : "false"} @click=${() => (this.#refresher.paused = !paused)}>
          ${paused ? words.say("goOn") : words.say("pause")}
        </button>
        <button part="button" type="button" data-key="r" @click=${() => this.#refresher.now()}>${words.say("refresh")}</button>
        <span class="summary" role="status">${this.#summary(rows)}</span>
      </div>
      ${
        this._problem === undefined
          ? nothing
          : problemView(words.say("tree_notListed"), this._problem, words, this.remote?.name, () => this.#refresher.now())
      }
      <div class="split ${isLarge ? "with-detail" : ""}">
        <erl-treeview
          exportparts="tree, row, cell"
          label=${words.say("tree_title")}
          .empty=${this.#emptyText()}
          .columns=${columns(words)}
          .rows=${rows.map((row) => treeRow(row, this.selected))}
          @tree-activate=${({ detail }: TreeviewEventMap["tree-activate"]) => this.#activate(detail.key)}
          @tree-expand=${({ detail }: TreeviewEventMap["tree-expand"]) => void this.#toggle(detail.keys, detail.isExpanded)}
          @tree-range=${({ detail }: TreeviewEventMap["tree-range"]) => (this.#range = detail)}
        ></erl-treeview>
        ${detail}
      </div>
    `;
  }

  #summary(rows: readonly ShownNode[]): string {
    const words = this.#words;
    const { applications } = this.#tree;
    if (this.remote === undefined) return words.say("notConnectedShort");
    if (applications === undefined) return this._problem === undefined ? words.say("askingNodeShort") : "";
    const { cost } = this.#refresher;
    return [
      words.many("tree_applications", applications.length),
      words.many("tree_rows", rows.length),
      ...(this._stopped ? [words.many("tree_stopped", MOST_EXPANDED)] : []),
      ...(cost === undefined ? [] : [words.say("costs", { cost: words.percent(cost) })]),
    ].join(" · ");
  }

  #emptyText(): string {
    const words = this.#words;
    const { applications } = this.#tree;
    if (applications === undefined)
      return this._problem === undefined && this.remote !== undefined ? words.say("askingNode") : "";
    return applications.length === 0 ? words.say("tree_noApplications") : words.say("tree_noMatch");
  }

  /** Nothing for an application that the node does not have. */
  #detailView(node: TreeNode | undefined): TemplateResult | typeof nothing {
    if (node?.item.type === "application") return this.#applicationView(node.item.application, node.module);
    if (!this.selected.startsWith("<")) return nothing;
    return html`
      <div part="detail" class="detail">
        ${node !== undefined && isSupervisor(node.item) ? this.#supervisorView(node) : nothing}
        <erl-process
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
          @process-close=${this.#close}
          @process-open=${({ detail }: CustomEvent<{ readonly pid: string }>) => this.select(detail.pid)}
        ></erl-process>
      </div>
    `;
  }

  #applicationView({ name, version, description, state }: Application, module: string | undefined): TemplateResult {
    const words = this.#words;
    const label = words.say("tree_aboutApplication", { name });
    const url = module === undefined ? undefined : this.linkForMfa?.(module, "start", 2);
    const mfa = `${module ?? ""}:start/2`;
    const [before, after] = words.say("tree_startedWith").split("{mfa}");
    return html`
      <section part="detail" class="detail" aria-label=${label} data-region>
        <div class="about">
          <strong>${name}</strong>
          <span>${description}</span>
          <span>${words.say("tree_version", { version })}</span>
          <span>${words.say(`tree_${state}`)}</span>
          ${
            module === undefined
              ? nothing
              : html`<span>${before}${url === undefined ? html`<span class="mono">${mfa}</span>` : html`<a href=${url} target="_blank" rel="noreferrer">${mfa}</a>`}${after}</span>`
          }
          <button part="button" class="close" type="button" data-key="Escape" @click=${this.#close}>${words.say("close")}</button>
        </div>
      </section>
    `;
  }

  #supervisorView(node: TreeNode): TemplateResult {
    const words = this.#words;
    return html`
      <section class="about" aria-label=${words.say("tree_aboutSupervisor", { pid: this.selected })} data-region>
        ${node.count === undefined ? nothing : html`<span>${childrenText(node, words)}</span>`}
        ${
          this._strategy === undefined
            ? html`
                <button part="button" type="button" ?disabled=${this.remote === undefined} @click=${() => void this.#readStrategy()}>
                  ${words.say("tree_readStrategy")}
                </button>
                <span class="muted">${words.say("tree_strategyHint")}</span>
              `
            : nothing
        }
        <span role="status">${this._strategy?.(words)}</span>
      </section>
    `;
  }

  #selectedNode(): TreeNode | undefined {
    return this.selected === "" ? undefined : this.#tree.find(({ item }) => selectionOf(item) === this.selected);
  }

  readonly #filtered = (event: Event): void => {
    // The listener sits on the input.
    this._filter = (event.currentTarget as HTMLInputElement).value;
  };

  readonly #linksSwitched = (event: Event): void => {
    // The listener sits on the checkbox.
    this.#tree.withLinks = (event.currentTarget as HTMLInputElement).checked;
    this.requestUpdate();
  };

  readonly #collapseAll = (): void => {
    this._stopped = false;
    for (const { node } of this.#tree.rows("")) node.isExpanded = false;
    this.requestUpdate();
  };

  readonly #close = (): void => {
    this.select("");
    // Back to the row that it was of.
    this.#treeview?.focus();
  };

  get #treeview(): ErlTreeview<ShownNode> | null {
    return this.renderRoot.querySelector<ErlTreeview<ShownNode>>("erl-treeview");
  }

  #activate(key: string): void {
    const shown = this.#tree.rows(this._filter).find((row) => treeRow(row, "").key === key);
    if (shown === undefined) return;
    const { node, note } = shown;
    if (note !== undefined) {
      if (isAction(note)) void this.#follow(node, note.type === "many" || note.type === "next");
      return;
    }
    const selection = selectionOf(node.item);
    if (selection === "" || node.isGone) return;
    this.#revealed = selection;
    this.select(selection);
  }

  /** What a note offers: more of the children, or to try it again. */
  async #follow(node: TreeNode, isMore: boolean): Promise<void> {
    if (isMore) node.limit += PAGE_CHILDREN;
    node.note = { type: "loading" };
    this.requestUpdate();
    await this.#ask([node]);
  }

  async #toggle(keys: readonly string[], isExpanded: boolean): Promise<void> {
    const rows = this.#tree.rows(this._filter);
    const nodes = rows.flatMap(({ node, note }) => (note === undefined && keys.includes(node.key) ? [node] : []));
    if (isExpanded) await this.#expand(nodes);
    else for (const node of nodes) node.isExpanded = false;
    this.requestUpdate();
  }

  /** Opens them, and asks for what is below those that nobody has asked about, or that did not answer. */
  async #expand(nodes: readonly TreeNode[]): Promise<void> {
    for (const node of nodes) node.isExpanded = true;
    this.requestUpdate();
    await this.#ask(nodes.filter((node) => node.children === undefined || node.isStuck));
    const roots = nodes.flatMap(({ item, children }) => (item.type === "application" ? (children ?? []) : []));
    // Below an application there is only one: nobody opens it to see no more than that.
    const closed = roots.filter((root) => !root.isExpanded && root.children === undefined && this.#tree.canExpand(root));
    if (closed.length > 0) await this.#expand(closed);
  }

  async #expandAll(): Promise<void> {
    this._stopped = false;
    // Of what was shown when it was asked for: a filter that is typed meanwhile keeps nothing closed.
    const filter = this._filter;
    let left = MOST_EXPANDED;
    for (;;) {
      const closed = this.#tree
        .rows(filter)
        .flatMap(({ node, note, isExpanded }) => (note === undefined && isExpanded === false && isTreeNode(node) ? [node] : []));
      if (closed.length === 0 || this.remote === undefined) return;
      if (left === 0) break;
      const next = closed.slice(0, left);
      left -= next.length;
      await this.#expand(next);
    }
    this._stopped = true;
  }

  /** Asks for what is below these, whatever is known. One that could not be asked says why. */
  async #ask(nodes: readonly TreeNode[]): Promise<void> {
    const { remote } = this;
    if (remote === undefined) return;
    for (let start = 0; start < nodes.length; start += ASKED_AT_ONCE) {
      const asked = nodes.slice(start, start + ASKED_AT_ONCE);
      try {
        const look = await this.#evaluate(remote, { asked, again: true });
        for (const [index, node] of asked.entries()) {
          const answer = look.answers[index];
          if (answer !== undefined) this.#tree.answer(node, answer);
        }
        this.#tree.learn(look.facts);
      } catch (error) {
        if (!remote.isConnected) return;
        for (const node of asked) node.note = { type: "failedFor", why: (words) => messageOf(error, words) };
      }
      this.requestUpdate();
    }
  }

  async #look(signal: AbortSignal): Promise<number | undefined> {
    const { remote } = this;
    if (remote === undefined) return undefined;
    try {
      const asked = this.#tree.toLookAt();
      const look = await this.#evaluate(remote, { asked, again: false, signal });
      if (signal.aborted) return undefined;
      this._problem =
        look.applications === "timeout" ? problemOf(new ToldError(TREE_STRINGS, "tree_controllerSilent")) : undefined;
      this.#tree.look(look, asked);
      return look.tookMs;
    } catch (error) {
      if (!signal.aborted && remote.isConnected) this._problem = problemOf(error);
      return undefined;
    }
  }

  /** With a signal it is a look at the applications and the rows in view as well. */
  async #evaluate(remote: RemoteNode, { asked, again, signal }: Question): Promise<Look> {
    const { redact } = this;
    const isLook = signal !== undefined;
    const bindings = {
      ...showBindings(ID_EXTENT, redact),
      Requests: asked.flatMap((node) => this.#tree.requestFor(node, again) ?? []),
      WithApplications: isLook,
      Pids: isLook ? this.#pidsInView() : [],
    };
    return lookOf(await remote.evaluate(LOOK, bindings, { ...GUARD, signal }), remote.name, redact, this.#words);
  }

  #pidsInView(): Pid[] {
    const { first, last } = this.#range;
    return this.#tree
      .rows(this._filter)
      .slice(first, last)
      .flatMap(({ node: { item, isGone } }) => (item.type === "process" && !isGone ? [item.pid] : []));
  }

  /** Opens what leads to what is selected, where that is in the tree. */
  async #reveal(): Promise<void> {
    const { remote, selected } = this;
    if (selected !== "" && (remote === undefined || this.#tree.applications === undefined)) return;
    this.#revealed = selected;
    if (selected === "" || remote === undefined) return;
    try {
      const node = this.#selectedNode() ?? (await this.#way(remote, selected));
      if (node?.item.type === "application") await this.#expand([node]);
      await this.updateComplete;
      if (node !== undefined) this.#treeview?.reveal(node.key);
    } catch {
      // It is no pid of this node: the detail says so, and the tree has nothing to open.
    }
  }

  async #way(remote: RemoteNode, selected: string): Promise<TreeNode | undefined> {
    if (!/^<0\.\d+\.\d+>$/.test(selected)) return undefined;
    const pid = await remote.call("erlang", "list_to_pid", [[...selected].map((each) => each.charCodeAt(0))]);
    const place = await remote.evaluate(LOCATE, { Pid: pid }, GUARD);
    if (!(place instanceof Tuple)) return undefined;
    // {Application, [Pid]}
    const [name, above] = place.elements;
    const application = name instanceof Atom ? name.name : "";
    const way = new Set([selected, ...pidsOf(above).map(localPid)]);
    let node = this.#tree.find(({ item }) => item.type === "application" && item.application.name === application);
    while (node !== undefined && selectionOf(node.item) !== selected) {
      await this.#expand([node]);
      node = node.children?.find(({ item }) => item.type === "process" && way.has(item.key));
    }
    return node;
  }

  async #readStrategy(): Promise<void> {
    const { remote, selected } = this;
    const item = this.#selectedNode()?.item;
    if (remote === undefined || item?.type !== "process") return;
    let strategy: (words: TreeWords) => string;
    try {
      const answer = await remote.evaluate(STRATEGY, { Pid: item.pid }, GUARD);
      strategy = (words) => strategyText(answer, words);
    } catch (error) {
      strategy = (words) => messageOf(error, words);
    }
    if (selected === this.selected) this._strategy = strategy;
  }
}

interface Question {
  readonly asked: readonly TreeNode[];
  readonly again: boolean;
  readonly signal?: AbortSignal;
}

/** An application or a supervisor that has not failed to answer. */
function isTreeNode(node: TreeNode): boolean {
  return !node.isStuck && (node.item.type === "application" || isSupervisor(node.item));
}

function childrenText({ count: total = 0, children = [] }: TreeNode, words: TreeWords): string {
  const running = children.filter(({ item, isGone }) => item.type !== "absent" && !isGone);
  // Those that are listed by their links do not say what they are.
  const typed = running.flatMap(({ item }) => (item.type === "process" && item.childType !== undefined ? [item.childType] : []));
  if (typed.length < running.length || children.length === 0) return words.many("tree_children", total);
  const supervisors = typed.filter((type) => type === "supervisor").length;
  return words.say("tree_childrenRun", {
    count: words.count(total),
    running: words.count(running.length),
    supervisors: words.count(supervisors),
    workers: words.count(typed.length - supervisors),
  });
}

function pidsOf(term: Term | undefined): Pid[] {
  return Array.isArray(term) ? term.filter((each) => each instanceof Pid) : [];
}

/** `{ok, Strategy, Intensity, Period}`, or why not. */
export function strategyText(answer: Term, words: TreeWords): string {
  if (answer instanceof Tuple && answer.length === 4) {
    const [, strategy, intensity, period] = answer.elements;
    const name = strategy instanceof Atom ? strategy.name : "";
    return words.say("tree_strategy", { strategy: name, intensity: String(intensity), period: String(period) });
  }
  const why = answer instanceof Atom ? answer.name : "";
  if (why === "timeout") return words.say("tree_strategySilent");
  return why === "unknown" ? words.say("tree_strategyUnknown") : words.say("tree_strategyFailed");
}

declare global {
  interface HTMLElementTagNameMap {
    "erl-tree": ErlTree;
  }
}
