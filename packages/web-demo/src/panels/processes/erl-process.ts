import { Atom, atom, format, Pid, Port, type Term, text, Tuple } from "@erl-dist/core";
import { type CSSResult, css, html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { controls } from "../../controls.ts";
import { consoleEvent } from "../../events.ts";
import { CallError } from "../../remote/call-error.ts";
import type { GuardOptions, RemoteNode } from "../../remote/remote-node.ts";
import { tokens } from "../../tokens.ts";
import type { Words } from "../../words.ts";
import { ActionDialog } from "../action-dialog.ts";
import { type LinkForMfa, PanelElement } from "../panel-element.ts";
import { panelStyles } from "../panel-styles.ts";
import { type Problem, problemOf, problemView } from "../problem.ts";
import { Refresher } from "../refresher.ts";
import { largeBytes, showBindings, shownText } from "../shown-term.ts";
import { PANEL_STRINGS, type PanelKey } from "../strings.ts";
import { readTyped, termInput } from "../term-input.ts";
import { ToldError } from "../../told-error.ts";
import { functionText, localPid, ProcessItems } from "./process-row.ts";
import { DICTIONARY, INFO, MESSAGES, STATE } from "./recipes.ts";
import { PROCESSES_STRINGS, type ProcessesKey } from "./strings.ts";

type ProcessWords = Words<ProcessesKey | PanelKey>;
/** What is kept as something to say, so that it is said in other words when these change. */
type Said = (words: ProcessWords) => string;

type View = "info" | "stack" | "messages" | "state" | "dictionary" | "links";

const VIEWS: readonly { readonly id: View; readonly title: ProcessesKey }[] = [
  { id: "info", title: "processInfo" },
  { id: "stack", title: "processStack" },
  { id: "messages", title: "processMessages" },
  { id: "state", title: "processState" },
  { id: "dictionary", title: "processDictionary" },
  { id: "links", title: "processLinks" },
];

/** What is shown of a term at first, and after "Show more". */
const SHORT = { Depth: 30, Characters: 2_000, Count: 50 } as const;
const LONG = { Depth: 1_000, Characters: 200_000, Count: 500 } as const;
const GUARD = { timeoutMs: 3_000, maxHeapBytes: 128 * 1024 * 1024 } as const;
/** For what somebody wants to see although it is large. */
const LARGE_GUARD = { timeoutMs: 30_000, maxHeapBytes: 1024 * 1024 * 1024 } as const;
/** A longer queue is not copied unasked. */
const MOST_MESSAGES = 10_000;
const WORD_BYTES = 8;

/**
 * What a view shows: lines of text or pairs, with the bytes of the terms that were too large for that; why there is nothing; or what
 * is too large altogether.
 */
type Content =
  | { readonly type: "texts"; readonly texts: readonly string[]; readonly total: number; readonly largeBytes: number }
  | {
      readonly type: "pairs";
      readonly pairs: readonly (readonly [string, string])[];
      readonly total: number;
      readonly largeBytes: number;
    }
  | { readonly type: "note"; readonly note: Said }
  | { readonly type: "problem"; readonly problem: Problem }
  | { readonly type: "large"; readonly note: Said };

/**
 * One process: what it is and does, its messages, state, dictionary and links, and what may be done to it. Every question is guarded:
 * what takes too long or too much memory on the node is ended there.
 *
 * @csspart detail
 * @customElement erl-process
 */
export class ErlProcess extends PanelElement {
  static override properties: PropertyDeclarations = {
    pid: { type: String },
    _view: { state: true },
    _items: { state: true },
    _content: { state: true },
    _problem: { state: true },
    _gone: { state: true },
    _message: { state: true },
    _done: { state: true },
  };

  /** As the node prints it: `<0.123.0>`. */
  declare pid: string;

  declare private _view: View;
  declare private _items: ProcessItems | undefined;
  declare private _content: Content | undefined;
  declare private _problem: Problem | undefined;
  declare private _gone: boolean;
  declare private _message: string;
  /** What was done last, in words. */
  declare private _done: Said | undefined;

  readonly #refresher: Refresher = new Refresher(this, {
    intervalMs: () => this.refresh * 1_000,
    look: (signal) => this.#look(signal),
  });
  readonly #dialog: ActionDialog = new ActionDialog(this);
  #found: Pid | undefined;

  static override styles: CSSResult[] = [
    tokens,
    controls,
    panelStyles,
    css`
      :host {
        height: auto;
        overflow: auto;
      }

      .head {
        position: sticky;
        z-index: 1;
        top: 0;
        display: flex;
        flex-wrap: wrap;
        gap: 0.375rem 0.75rem;
        align-items: center;
        padding: 0.5rem 0.75rem;
        background: var(--_surface-2);
      }

      .head button {
        min-height: 2rem;
        padding: 0 0.625rem;
        font-size: 0.8125rem;
      }

      .head .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 0.375rem;
        margin-inline-start: auto;
      }

      [role="tablist"] {
        display: flex;
        flex-wrap: wrap;
        gap: 0.25rem;
        padding: 0.375rem 0.75rem;
        border-bottom: 1px solid var(--_border);
      }

      [role="tab"] {
        min-height: 1.75rem;
        padding: 0 0.625rem;
        border-color: transparent;
        font-size: 0.8125rem;
      }

      [role="tab"][aria-selected="true"] {
        border-color: var(--_accent);
        color: var(--_accent);
      }

      .facts {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr));
        gap: 0.25rem 1.5rem;
        padding: 0.75rem;
        font-size: 0.8125rem;
      }

      .facts div {
        display: flex;
        gap: 0.5rem;
      }

      .facts dt {
        flex: 0 0 8.5rem;
        color: var(--_muted);
      }

      .facts dd {
        min-width: 0;
        overflow-wrap: anywhere;
      }

      .content {
        padding: 0.75rem;
        font-size: 0.8125rem;
      }

      pre {
        margin: 0 0 0.5rem;
        padding: 0.5rem;
        overflow: auto;
        border-radius: var(--_radius-small);
        background: var(--_surface-2);
        font-family: var(--_font-mono);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }

      .link {
        min-height: 1.5rem;
        padding: 0 0.375rem;
        border-color: transparent;
        color: var(--_accent);
        font-family: var(--_font-mono);
        font-size: 0.8125rem;
      }

      /* Its text begins where that of other facts does. */
      .facts .link {
        min-height: 0;
        margin-inline-start: -0.4375rem;
      }

      .links {
        display: flex;
        flex-wrap: wrap;
        gap: 0.25rem;
        padding: 0;
        list-style: none;
      }

      .content .title {
        margin-bottom: 0.25rem;
        font-size: 0.8125rem;
      }
    `,
  ];

  constructor() {
    super();
    this.pid = "";
    this._view = "info";
    this._gone = false;
    this._message = "";
    this._done = undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    if (!changed.has("pid")) return;
    this.#found = undefined;
    this._items = undefined;
    this._content = undefined;
    this._problem = undefined;
    this._gone = false;
    this._done = undefined;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("pid") && this.remote !== undefined) this.#refresher.now();
  }

  protected override nodeUp(_remote: RemoteNode): void {
    this.#found = undefined;
    if (this.active) this.#refresher.start();
  }

  protected override nodeDown(): void {
    this.#refresher.stop();
  }

  protected override activeChanged(): void {
    if (this.active && this.remote !== undefined) this.#refresher.start();
    else this.#refresher.stop();
  }

  get #words(): ProcessWords {
    return this.wordsOf(PROCESSES_STRINGS);
  }

  protected override render(): TemplateResult {
    const words = this.#words;
    const items = this._items;
    return html`
      <section aria-label=${words.say("process", { pid: this.pid })} data-region>
        <div class="head">
          <strong class="mono">${this.pid}</strong>
          <span>${items?.name ?? ""}</span>
          <span class="actions">
            ${this.can("trace") ? html`<button part="button" type="button" data-key="t" @click=${this.#trace}>${words.say("processTrace")}</button>` : nothing}
            ${this.can("gc") ? html`<button part="button" type="button" data-key="g" @click=${this.#collect}>${words.say("processGc")}</button>` : nothing}
            ${this.can("send") ? html`<button part="button" type="button" @click=${this.#send}>${words.say("processSend")}</button>` : nothing}
            ${this.can("kill") ? html`<button part="button" type="button" class="danger" data-key="Delete" @click=${this.#kill}>${words.say("processKill")}</button>` : nothing}
            <button part="button" type="button" data-key="Escape" @click=${() => this.dispatchEvent(new CustomEvent("process-close"))}>${words.say("close")}</button>
          </span>
        </div>
        <p class="visually-hidden" role="status">${this._done?.(words)}</p>
        ${this._gone ? html`<p class="note" role="status">${words.say("processGone", { pid: this.pid })}</p>` : nothing}
        ${
          this._problem === undefined
            ? nothing
            : problemView(words.say("processNotAnswered"), this._problem, words, this.remote?.name, () => this.#refresher.now())
        }
        <div role="tablist" aria-label=${words.say("processAbout")} @keydown=${this.#tabKey}>
          ${VIEWS.map(
            ({ id, title }) => html`
              <button
                type="button"
                role="tab"
                id="view-${id}"
                aria-controls="view"
                aria-selected=${id === this._view ? "true" : "false"}
                tabindex=${id === this._view ? 0 : -1}
                @click=${() => this.#open(id)}
              >
                ${id === "messages" && items !== undefined ? words.say("processMessagesWaiting", { count: words.count(items.number("message_queue_len")) }) : words.say(title)}
              </button>
            `,
          )}
        </div>
        <div role="tabpanel" id="view" aria-labelledby="view-${this._view}" tabindex="0">${this.#viewOf(items, words)}</div>
      </section>
      ${this.#dialog.view(words)}
    `;
  }

  #viewOf(items: ProcessItems | undefined, words: ProcessWords): TemplateResult {
    if (items === undefined)
      return html`<p class="note">${words.say(this._problem === undefined && !this._gone ? "askingNode" : "processNothing")}</p>`;
    const opener = { node: this.connection?.settings.node ?? "", open: this.#openPid, linkForMfa: this.linkForMfa, words };
    switch (this._view) {
      case "info":
        return infoView(items, opener);
      case "stack":
        return stackView(items, opener);
      case "links":
        return linksView(items, opener);
      case "messages":
      case "state":
      case "dictionary":
        return this.#contentView(words);
      default:
        return this._view satisfies never;
    }
  }

  #contentView(words: ProcessWords): TemplateResult {
    const content = this._content;
    if (content === undefined) return html`<p class="note">${words.say("askingNode")}</p>`;
    if (content.type === "problem")
      return problemView(words.say("processNotAnswered"), content.problem, words, this.remote?.name, () =>
        this.#open(this._view),
      );
    if (content.type === "note") return html`<p class="note">${content.note(words)}</p>`;
    if (content.type === "large")
      return html`<div class="note" role="status">${this.#largeView(content.note(words), words)}</div>`;
    const shown = content.type === "texts" ? content.texts.length : content.pairs.length;
    return html`
      <div class="content">
        ${
          content.type === "texts"
            ? content.texts.map((each) => html`<pre>${each}</pre>`)
            : content.pairs.map(([key, value]) => html`<p class="title">${key}</p><pre>${value}</pre>`)
        }
        ${shown < content.total ? html`<p class="muted">${words.say("processShown", { shown: words.count(shown), total: words.count(content.total) })}</p>` : nothing}
        ${content.largeBytes === 0 ? nothing : this.#largeView(words.say("processLargeTerm", { size: words.bytes(content.largeBytes) }), words)}
        <button part="button" type="button" @click=${() => void this.#load("long")}>${words.say("processMore")}</button>
      </div>
    `;
  }

  #largeView(what: string, words: ProcessWords): TemplateResult {
    return html`<p>${what} <button part="button" type="button" @click=${() => void this.#load("large")}>${words.say("processLoad")}</button></p>`;
  }

  #open(view: View): void {
    this._view = view;
    this._content = undefined;
    void this.#load("short");
  }

  readonly #tabKey = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const now = VIEWS.findIndex(({ id }) => id === this._view);
    const next = VIEWS[(now + step + VIEWS.length) % VIEWS.length];
    if (next === undefined) return;
    this.#open(next.id);
    this.renderRoot.querySelector<HTMLElement>(`#view-${next.id}`)?.focus();
  };

  readonly #openPid = (pid: string): void => {
    this.dispatchEvent(new CustomEvent("process-open", { detail: { pid } }));
  };

  async #look(signal: AbortSignal): Promise<number | undefined> {
    const { remote } = this;
    if (remote === undefined || this.pid === "") return undefined;
    const start = performance.now();
    try {
      const pid = await this.#resolve(remote);
      const info = await remote.evaluate(INFO, { Pid: pid }, { ...GUARD, signal });
      if (signal.aborted) return undefined;
      this._problem = undefined;
      this._gone = !Array.isArray(info);
      if (Array.isArray(info)) this._items = new ProcessItems(info);
      return performance.now() - start;
    } catch (error) {
      if (!signal.aborted && remote.isConnected) this.#failed(error);
      return undefined;
    }
  }

  /** The pid that the text means. The node would take a text for one of any node: only its own are asked about. */
  async #resolve(remote: RemoteNode): Promise<Pid> {
    if (this.#found !== undefined) return this.#found;
    if (!/^<0\.\d+\.\d+>$/.test(this.pid)) throw new ToldError(PANEL_STRINGS, "notPid", { text: this.pid, node: remote.name });
    const found = await remote.call("erlang", "list_to_pid", [[...this.pid].map((each) => each.charCodeAt(0))]);
    if (!(found instanceof Pid)) throw new ToldError(PANEL_STRINGS, "notPid", { text: this.pid, node: remote.name });
    this.#found = found;
    return found;
  }

  /** Asks for what the open view shows and the overall look does not bring. */
  async #load(how: "short" | "long" | "large"): Promise<void> {
    const { remote, pid } = this;
    const view = this._view;
    if (remote === undefined || !(view === "messages" || view === "state" || view === "dictionary")) return;
    try {
      const { Count, ...extent } = how === "short" ? SHORT : LONG;
      const isAsked = how === "large";
      const guard = isAsked ? LARGE_GUARD : GUARD;
      const { redact } = this;
      const shown = (term: Term | undefined): string => shownText(term, redact, extent, this.#words);
      const shows = { Count, MostMessages: isAsked ? atom("infinity") : MOST_MESSAGES, ...showBindings(extent, redact, isAsked) };
      const content = await CONTENTS[view](remote, { Pid: await this.#resolve(remote), ...shows }, { shown, guard });
      if (pid === this.pid && view === this._view) this._content = content;
    } catch (error) {
      if (pid !== this.pid || view !== this._view || !remote.isConnected) return;
      const isLarge = error instanceof CallError && error.code === "too_large" && how !== "large";
      this._content = isLarge
        ? { type: "large", note: (words) => words.say("processLargeLook", { size: words.bytes(GUARD.maxHeapBytes) }) }
        : { type: "problem", problem: problemOf(error) };
    }
  }

  #failed(error: unknown): void {
    this._problem = problemOf(error);
  }

  readonly #trace = (): void => {
    this.dispatchEvent(consoleEvent("erl-select", { panel: "trace", selected: this.pid }));
  };

  readonly #collect = (): void => {
    const { remote, pid } = this;
    void this.act("gc", pid, async () => {
      if (remote === undefined) return;
      await remote.call("erlang", "garbage_collect", [await this.#resolve(remote)]);
      this._done = (words) => words.say("processGcDone", { pid });
      this.#refresher.now();
    }).catch((error: unknown) => this.#failed(error));
  };

  readonly #kill = (): void => {
    const { remote, pid } = this;
    if (remote === undefined) return;
    const words = this.#words;
    this.#dialog.ask({
      title: words.say("processKillTitle", { pid }),
      detail: words.say("processKillDetail", { name: this._items?.name ?? words.say("processKillNameless") }),
      verb: words.say("processKillVerb"),
      node: remote.name,
      confirmed: () => {
        void this.act("kill", pid, async () => {
          remote.kill(await this.#resolve(remote));
          this._done = (said) => said.say("processKilled", { pid });
          this.#refresher.now();
        }).catch((error: unknown) => this.#failed(error));
        return true;
      },
    });
  };

  readonly #send = (): void => {
    const { remote, pid } = this;
    if (remote === undefined) return;
    const words = this.#words;
    this.#dialog.ask({
      title: words.say("processSendTitle", { pid }),
      detail: words.say("processSendDetail"),
      verb: words.say("send"),
      node: remote.name,
      fields: () =>
        termInput({
          name: "term",
          id: "send-term",
          label: words.say("processSendTerm"),
          words,
          text: this._message,
          input: (typed) => (this._message = typed),
        }),
      confirmed: () => {
        const typed = readTyped(this._message);
        if (typed.type !== "term") return false;
        void this.act("send", pid, async () => {
          remote.local.send(await this.#resolve(remote), typed.term);
          this._message = "";
          this._done = (said) => said.say("processSent", { pid });
          this.#refresher.now();
        }).catch((error: unknown) => this.#failed(error));
        return true;
      },
    });
  };
}

/** How another process of the same node is opened. */
interface Opener {
  readonly node: string;
  readonly open: (pid: string) => void;
  readonly linkForMfa: LinkForMfa | undefined;
  readonly words: ProcessWords;
}

type Bindings = Readonly<Record<"Pid" | "Count" | "MostMessages", Term>> & Readonly<Record<string, Term>>;

interface Loading {
  /** What the recipes have shown, as text. */
  readonly shown: (term: Term | undefined) => string;
  readonly guard: GuardOptions;
}

type Loader = (remote: RemoteNode, bindings: Bindings, loading: Loading) => Promise<Content>;

const GONE: Content = { type: "note", note: (words) => words.say("processHasEnded") };

const CONTENTS: Readonly<Record<"messages" | "state" | "dictionary", Loader>> = {
  async messages(remote, bindings, { shown, guard }) {
    const found = await remote.evaluate(MESSAGES, bindings, guard);
    if (!(found instanceof Tuple)) return GONE;
    // {too_many, Length} | {Length, Texts}
    const [first, second] = found.elements as readonly [Term, Term];
    if (first === atom("too_many")) {
      return {
        type: "large",
        note: (words) => words.many("processManyMessages", Number(second)),
      };
    }
    const listed = Array.isArray(second) ? second : [];
    if (listed.length === 0) return { type: "note", note: (words) => words.say("processNoMessages") };
    return { type: "texts", texts: listed.map(shown), total: Number(first), largeBytes: sum(listed.map(largeBytes)) };
  },
  async dictionary(remote, { MostMessages: _most, ...bindings }, { shown, guard }) {
    const answer = await remote.evaluate(DICTIONARY, bindings, guard);
    if (!(answer instanceof Tuple)) return GONE;
    // {Length, [{Key, Value}]}
    const [total, listed] = answer.elements as readonly [Term, Term];
    const found = (Array.isArray(listed) ? listed : []).filter((each) => each instanceof Tuple);
    if (found.length === 0) return { type: "note", note: (words) => words.say("processNoDictionary") };
    const pairs = found.map((pair) => [shown(pair.at(0)), shown(pair.at(1))] as const);
    return {
      type: "pairs",
      pairs,
      total: Number(total),
      largeBytes: sum(found.flatMap(({ elements }) => elements.map(largeBytes))),
    };
  },
  async state(remote, { Count: _count, MostMessages: _most, ...bindings }, { shown, guard }) {
    const found = await remote.evaluate(STATE, bindings, guard);
    // {Micros, Shown}
    const state = found instanceof Tuple ? found.at(1) : undefined;
    return { type: "texts", texts: [shown(state)], total: 1, largeBytes: largeBytes(state) };
  },
};

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function infoView(items: ProcessItems, opener: Opener): TemplateResult {
  const { words } = opener;
  const wordBytes = (key: string): string => words.bytes(items.number(key) * WORD_BYTES);
  const plain = (key: string): string => format(items.get(key) ?? atom("undefined"));
  const rows: readonly (readonly [ProcessesKey, unknown])[] = [
    ["processInitialCall", functionLink(items.initialFunction, opener.linkForMfa)],
    ["processCurrentFunction", functionLink(items.get("current_function"), opener.linkForMfa)],
    ["processStatus", plain("status")],
    ["processQueue", words.count(items.number("message_queue_len"))],
    ["processMemory", words.bytes(items.number("memory"))],
    ["processTotalHeap", wordBytes("total_heap_size")],
    ["processHeap", wordBytes("heap_size")],
    ["processStackSize", wordBytes("stack_size")],
    ["processReductions", words.count(items.number("reductions"))],
    ["processPriority", plain("priority")],
    ["processTrapExit", plain("trap_exit")],
    ["processLeader", reference(items.get("group_leader"), opener)],
    ["processParent", reference(items.get("parent"), opener)],
    ["processLabel", items.label ?? words.say("processNone")],
  ];
  return html`<dl class="facts">${rows.map(([title, value]) => html`<div><dt>${words.say(title)}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function stackView(items: ProcessItems, { linkForMfa, words }: Opener): TemplateResult {
  const stack = items.get("stack");
  const lines = (Array.isArray(stack) ? stack : []).flatMap((frame) => {
    if (!(frame instanceof Tuple) || frame.length !== 5) return [];
    // {Module, Function, Arity, File, Line}
    const [module, fun, arity, file, line] = frame.elements as readonly [Term, Term, Term, Term, Term];
    const where = text(file);
    const place = where === "" ? "" : `   ${where}:${format(line)}`;
    return [html`${functionLink(new Tuple([module, fun, arity]), linkForMfa)}${place}\n`];
  });
  return lines.length === 0
    ? html`<p class="note">${words.say("processNoStack")}</p>`
    : html`<div class="content"><pre>${lines}</pre></div>`;
}

/** `{Module, Function, Arity}` as text, and as a link where the page knows where it leads. */
function functionLink(term: Term | undefined, linkForMfa: LinkForMfa | undefined): unknown {
  const shown = functionText(term);
  if (!(term instanceof Tuple) || term.length !== 3 || linkForMfa === undefined) return shown;
  const [module, fun, arity] = term.elements;
  if (!(module instanceof Atom && fun instanceof Atom)) return shown;
  const url = linkForMfa(module.name, fun.name, Number(arity));
  return url === undefined ? shown : html`<a href=${url} target="_blank" rel="noreferrer">${shown}</a>`;
}

const LINKS = [
  ["links", "processLinks"],
  ["monitors", "processMonitors"],
  ["monitored_by", "processMonitoredBy"],
] as const;

function linksView(items: ProcessItems, opener: Opener): TemplateResult {
  return html`<div class="content">${LINKS.map(([key, title]) => html`<p class="title">${opener.words.say(title)}</p>${linkList(items.get(key), opener)}`)}</div>`;
}

function linkList(found: Term | undefined, opener: Opener): TemplateResult {
  // {Length, [{What, Name}]}
  const total = found instanceof Tuple ? Number(found.at(0)) : 0;
  const listed = found instanceof Tuple ? found.at(1) : [];
  const links = (Array.isArray(listed) ? listed : []).flatMap((each) =>
    each instanceof Tuple && each.length === 2 ? [each.elements as unknown as readonly [Term, Term]] : [],
  );
  if (links.length === 0) return html`<p class="muted">${opener.words.say("processNone")}</p>`;
  return html`
    <ul class="links">
      ${links.map(([what, name]) => html`<li>${reference(what, opener)}${name instanceof Atom && name.name !== "none" ? ` ${name.name}` : nothing}</li>`)}
    </ul>
    ${links.length < total ? html`<p class="muted">${opener.words.say("processShown", { shown: opener.words.count(links.length), total: opener.words.count(total) })}</p>` : nothing}
  `;
}

/** A process of the same node can be opened; one of another node cannot be asked for from here, and says where it is. */
function reference(term: Term | undefined, opener: Opener): unknown {
  const target = term instanceof Tuple && term.at(0) === atom("process") ? term.at(1) : term;
  if (target instanceof Pid) {
    const key = localPid(target);
    return target.node.name === opener.node
      ? html`<button part="button" type="button" class="link" @click=${() => opener.open(key)}>${key}</button>`
      : html`<span class="mono">${target.toString()}</span>`;
  }
  if (target instanceof Port) return html`<span class="mono">${target.toString()}</span>`;
  return target === undefined || target === atom("undefined")
    ? opener.words.say("processNone")
    : html`<span class="mono">${format(target)}</span>`;
}

declare global {
  interface HTMLElementTagNameMap {
    "erl-process": ErlProcess;
  }
}
