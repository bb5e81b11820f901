import { charlist, format, Pid, type Term, text } from "@erl-dist/core";
import { type CSSResult, html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { controls } from "../../controls.ts";
import { consoleEvent } from "../../events.ts";
import type { RemoteNode } from "../../remote/remote-node.ts";
import { ToldError } from "../../told-error.ts";
import { tokens } from "../../tokens.ts";
import { perWords } from "../../words.ts";
import { ActionDialog } from "../action-dialog.ts";
import type { Column, ErlGrid, GridEventMap, Rows } from "../grid/erl-grid.ts";
import { textFilter } from "../grid/row-buffer.ts";
import { PanelElement } from "../panel-element.ts";
import { panelStyles } from "../panel-styles.ts";
import { type Problem, problemOf, problemView } from "../problem.ts";
import { localPid } from "../processes/process-row.ts";
import { COMPLETE } from "./recipes.ts";
import { TRACE_STRINGS } from "./strings.ts";
import type { TraceWords } from "./trace-words.ts";
import { type Ending, type Found, look, Trace } from "./trace.ts";
import { lineOf, TraceBuffer } from "./trace-buffer.ts";
import { traceForm } from "./trace-form.ts";
import { FIRST_PLAN, planText, problemOfPlan, type TracePlan } from "./trace-plan.ts";
import { type Mfa, mfaText, partText, tookText, type TraceKind, type TraceRow, TraceRows } from "./trace-row.ts";
import { traceStyles } from "./trace-styles.ts";

const FILTER_DELAY_MS = 200;
const COMPLETE_DELAY_MS = 150;
const MOST_COMPLETIONS = 50;
/** Between two views of what comes. */
const SHOW_EVERY_MS = 100;

/** A trace from the moment it is confirmed. */
interface Running {
  readonly plan: TracePlan;
  readonly remote: RemoteNode;
  /** Undefined where it could not be begun. */
  readonly trace: Promise<Trace | undefined>;
  isStarted: boolean;
}

/**
 * Calls, messages and what else processes of the node do, as it happens, by the node's own tracing. A trace has limits that the node
 * itself keeps, and goes when the panel goes.
 *
 * @fires erl-select - a person wants to see a process; `detail.panel` says which panel shows it, `detail.selected` is its pid
 * @csspart toolbar
 * @csspart grid
 * @csspart row
 * @csspart cell
 * @csspart detail
 * @csspart kind
 * @csspart link
 * @customElement erl-trace
 */
export class ErlTrace extends PanelElement {
  static override properties: PropertyDeclarations = {
    _plan: { state: true },
    _wrong: { state: true },
    _problem: { state: true },
    _running: { state: true },
    _completions: { state: true },
    _filter: { state: true },
    _paused: { state: true },
    _opened: { state: true },
    _folded: { state: true },
  };

  declare private _plan: TracePlan;
  /** What is wrong with the plan, in words. */
  declare private _wrong: ((words: TraceWords) => string) | undefined;
  declare private _problem: Problem | undefined;
  declare private _running: Running | undefined;
  declare private _completions: readonly string[];
  declare private _filter: string;
  declare private _paused: boolean;
  /** The message that is shown whole. */
  declare private _opened: string;
  /** The form is not shown. */
  declare private _folded: boolean;

  readonly #buffer: TraceBuffer = new TraceBuffer();
  readonly #rows: TraceRows = new TraceRows();
  readonly #dialog: ActionDialog = new ActionDialog(this);
  #showing: ReturnType<typeof setTimeout> | undefined;
  #filterTimer: ReturnType<typeof setTimeout> | undefined;
  #completeTimer: ReturnType<typeof setTimeout> | undefined;
  /** What the view shows while it is paused, and how much came meanwhile. */
  #frozen: Rows<TraceRow> | undefined;
  #unseen = 0;

  static override styles: CSSResult[] = [tokens, controls, panelStyles, traceStyles];

  constructor() {
    super();
    this._plan = FIRST_PLAN;
    this._completions = [];
    this._filter = "";
    this._paused = false;
    this._opened = "";
    this._folded = false;
  }

  protected override nodeUp(): void {
    const state = this.connection?.state;
    if (state?.type !== "connected" || !state.restarted || !this._plan.process.includes("<")) return;
    // Its pid means another process now, or none.
    this.select("");
    this.#change({ process: "" });
  }

  protected override nodeDown(remote: RemoteNode): void {
    const running = this._running;
    if (running === undefined) return;
    // The panel goes, or another way to the node was taken; after a loss the trace has ended by itself.
    this._running = undefined;
    void running.trace.then((trace) => trace?.abandon());
    if (!remote.isConnected) this.#note("gap", this.#words.say("traceEndedLost"));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const timer of [this.#showing, this.#filterTimer, this.#completeTimer]) clearTimeout(timer);
    this.#showing = undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    // A link, or another panel, says whom.
    const isAsked = changed.has("selected") || (changed.has("active") && this.active);
    if (isAsked && this.selected !== "") this.#change({ whom: "process", process: this.selected });
    if (changed.has("redact")) {
      this.#buffer.each((row) => this.#rows.redact(row, this.redact, this.#words));
      this.#show();
    }
    if (!this.can("trace")) this.#stop();
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (!changed.has("_filter")) return;
    const matches = textFilter(this._filter, lineOf);
    if (matches === undefined) return;
    this.#buffer.filter = matches;
    if (this._paused) this.#frozen = this.#buffer.snapshot();
    this.#show();
  }

  get #words(): TraceWords {
    return this.wordsOf(TRACE_STRINGS);
  }

  protected override render(): TemplateResult {
    const words = this.#words;
    if (!this.can("trace") && this.#buffer.size === 0) {
      return html`<p class="note" role="status">${words.say(this.readOnly ? "traceReadOnly" : "traceNotAllowed")}</p>`;
    }
    const opened = this._opened === "" ? undefined : this.#buffer.find(this._opened);
    const isBusy = this._running !== undefined;
    return html`
      ${this.#toolbar(words)}
      ${
        this._folded
          ? nothing
          : traceForm({
              plan: this._plan,
              words,
              isDisabled: isBusy || this.remote === undefined || !this.can("trace"),
              problem: this._wrong?.(words),
              completions: this._completions,
              changed: (change) => this.#change(change),
              complete: (typed) => this.#complete(typed),
              submit: () => void this.#begin(),
            })
      }
      ${
        this._problem === undefined
          ? nothing
          : problemView(words.say("traceFailed"), this._problem, words, this.remote?.name, () => void this.#begin())
      }
      <div class="split ${opened === undefined ? "" : "with-detail"}">
        <erl-grid
          exportparts="grid, row, cell, kind, link"
          label=${words.say("traceGrid")}
          .words=${words}
          .empty=${this.#emptyText(words)}
          .columns=${this.#columns(words)}
          .rows=${this.#frozen ?? this.#buffer}
          .selected=${this._opened}
          @grid-activate=${({ detail }: GridEventMap["grid-activate"]) => (this._opened = detail.key)}
        ></erl-grid>
        ${opened === undefined ? nothing : this.#messageView(opened, words)}
      </div>
      ${this.#dialog.view(words)}
    `;
  }

  #toolbar(words: TraceWords): TemplateResult {
    const wrong = textFilter(this._filter, lineOf) === undefined;
    const running = this._running;
    const isEmpty = this.#buffer.size === 0;
    return html`
      <div part="toolbar" class="toolbar" role="toolbar" aria-label=${words.say("traceToolbar")} data-region>
        ${
          running === undefined
            ? html`<button part="button button-primary" type="button" class="primary" ?disabled=${this.remote === undefined || !this.can("trace")} @click=${() => void this.#begin()}>${words.say("traceStart")}</button>`
            : html`<button part="button" type="button" class="danger" @click=${() => this.#stop()}>${words.say("traceStop")}</button>`
        }
        <button part="button" type="button" aria-expanded=${this._folded ? "false" : "true"} @click=${() => (this._folded = !this._folded)}>${words.say("traceForm")}</button>
        <button part="button" type="button" data-key="p" aria-pressed=${this._paused ? "true" : "false"} @click=${this.#pause}>${words.say(this._paused ? "goOn" : "pause")}</button>
        <button part="button" type="button" ?disabled=${isEmpty} @click=${this.#clear}>${words.say("clear")}</button>
        <button part="button" type="button" ?disabled=${isEmpty} @click=${this.#copy}>${words.say("copy")}</button>
        <label class="filter"><span>${words.say("filter")}</span>
          <input part="input" type="search" spellcheck="false" placeholder=${words.say("traceFilterExample")} aria-invalid=${wrong ? "true" : "false"} @input=${this.#filtered} />
        </label>
        <span class="summary" role="status">${wrong ? words.say("traceNotARegex") : this.#summary(words)}</span>
      </div>
    `;
  }

  #summary(words: TraceWords): string {
    const { length, size, dropped } = this.#buffer;
    const running = this._running;
    const all = words.many("traceRows", size);
    const parts = this.remote === undefined ? [words.say("notConnectedShort")] : [];
    if (running?.isStarted === false) parts.push(words.say("traceStarting"));
    if (running?.isStarted === true) parts.push(words.say("traceRunning", { what: planText(running.plan, words) }));
    parts.push(length === size ? all : words.say("traceSomeRows", { shown: words.count(length), all }));
    if (dropped > 0) parts.push(words.many("traceOlder", dropped));
    if (this._paused) parts.push(words.say("tracePaused", { count: words.count(this.#unseen) }));
    return parts.join(" · ");
  }

  #emptyText(words: TraceWords): string {
    if (this.#buffer.size > 0) return words.say("traceNoMatch");
    return words.say(this._running === undefined ? "traceEmpty" : "traceWaiting");
  }

  readonly #columns: (words: TraceWords) => readonly Column<TraceRow>[] = perWords((words) => [
    { id: "time", title: words.say("traceTime"), width: "8.5rem", narrow: true, narrowWidth: "8rem", cell: ({ time }) => time },
    {
      id: "pid",
      title: words.say("tracePid"),
      width: "5.5rem",
      narrow: true,
      narrowWidth: "minmax(0, 1fr)",
      cell: ({ pid }) => this.#pidCell(pid, words),
    },
    {
      id: "kind",
      title: words.say("traceKind"),
      width: "6rem",
      narrow: true,
      narrowWidth: "5.5rem",
      cell: ({ kind }) => kindView(kind, words),
    },
    {
      id: "text",
      title: words.say("traceText"),
      width: "minmax(8rem, 2fr)",
      narrow: "below",
      cell: (row) => this.#textCell(row),
    },
    {
      id: "took",
      title: words.say("traceTook"),
      width: "4.5rem",
      numeric: true,
      cell: ({ tookMicros }) => (tookMicros === undefined ? "" : tookText(tookMicros)),
    },
  ]);

  #pidCell(pid: string, words: TraceWords): unknown {
    if (pid === "") return "";
    const open = (event: Event): void => {
      event.stopPropagation();
      this.#openProcess(pid);
    };
    // By the keyboard it is reached from the opened row.
    return html`<button type="button" class="link" part="link" tabindex="-1" title=${words.say("traceOpenProcess", { pid })} @click=${open}>${pid}</button>`;
  }

  #textCell({ text: line, mfa }: TraceRow): unknown {
    const name = mfa === undefined ? "" : mfaText(mfa).replace(/\/\d+$/, "");
    const at = line.indexOf(name);
    if (mfa === undefined || at < 0) return line;
    return html`${line.slice(0, at)}${this.#mfaLink(mfa, name, -1)}${line.slice(at + name.length)}`;
  }

  #mfaLink(mfa: Mfa, shown: string, tabIndex: number): unknown {
    const url = this.linkForMfa?.(mfa.module, mfa.fun, mfa.arity);
    if (url === undefined) return shown;
    return html`<a href=${url} target="_blank" rel="noreferrer" tabindex=${tabIndex} @click=${(event: Event) => event.stopPropagation()}>${shown}</a>`;
  }

  #messageView(row: TraceRow, words: TraceWords): TemplateResult {
    const { pid, kind, mfa, caller, partner, tookMicros, isCut } = row;
    const took = tookMicros ?? partner?.tookMicros;
    const call = kind === "return" || kind === "exception" ? partner : undefined;
    const all = [...(call?.parts ?? []), ...row.parts, ...(kind === "call" ? (partner?.parts ?? []) : [])];
    const copied = (): string =>
      [lineOf(row), ...all.map((part) => `${part.title}:\n${partText(part, this.redact, words)}`)].join("\n");
    return html`
      <section part="detail" class="message" aria-label=${words.say("traceDetail")} data-region tabindex="0">
        <div class="head">
          <strong>${kindView(kind, words)}</strong><time>${row.time}</time>
          ${mfa === undefined ? nothing : html`<span class="mono">${this.#mfaLink(mfa, mfaText(mfa), 0)}</span>`}
          ${took === undefined ? nothing : html`<span>${words.say("traceAfterMs", { took: tookText(took) })}</span>`}
          ${caller === undefined ? nothing : html`<span>${words.say("traceCalledBy")} <span class="mono">${this.#mfaLink(caller, mfaText(caller), 0)}</span></span>`}
          <span class="actions">
            ${pid === "" ? nothing : html`<button part="button" type="button" @click=${() => this.#openProcess(pid)}>${words.say("traceOpenProcess", { pid })}</button>`}
            <button part="button" type="button" @click=${() => void navigator.clipboard.writeText(copied())}>${words.say("traceCopyText")}</button>
            <button part="button" type="button" data-key="Escape" @click=${this.#close}>${words.say("close")}</button>
          </span>
        </div>
        ${isCut ? html`<p class="muted">${words.say("traceCut", { bytes: words.bytes(row.bytes) })}</p>` : nothing}
        ${kind === "gap" || kind === "note" ? html`<p>${row.text}</p>` : nothing}
        <dl>${all.map((part) => html`<dt>${part.title}</dt><dd><pre>${partText(part, this.redact, words)}</pre></dd>`)}</dl>
      </section>
    `;
  }

  #openProcess(pid: string): void {
    this.dispatchEvent(consoleEvent("erl-select", { panel: "processes", selected: pid }));
  }

  readonly #close = (): void => {
    this._opened = "";
    // Back to the row that it was of.
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>("erl-grid")?.focus());
  };

  #change(change: Partial<TracePlan>): void {
    this._plan = { ...this._plan, ...change };
    this._wrong = undefined;
  }

  /** Looks what that is, and asks. */
  async #begin(): Promise<void> {
    const { remote } = this;
    const plan = this._plan;
    this._problem = undefined;
    const wrong = problemOfPlan(plan);
    this._wrong = wrong === undefined ? undefined : (words) => words.say(wrong);
    if (this._wrong !== undefined) this._folded = false;
    if (remote === undefined || this._running !== undefined || this._wrong !== undefined || !this.can("trace")) return;
    try {
      const looked = await look(remote, plan);
      if (remote !== this.remote || plan !== this._plan) return;
      const values = { process: plan.process.trim(), calls: plan.calls.trim(), node: remote.name };
      if (looked.type === "no_process") this._wrong = (words) => words.say("traceGoneProcess", values);
      else if (looked.type === "no_function") this._wrong = (words) => words.say("traceGoneFunction", values);
      else this.#ask(remote, plan, looked.found);
    } catch (error) {
      if (remote.isConnected) this._problem = problemOf(error);
    }
    if (this._wrong !== undefined) this._folded = false;
  }

  #ask(remote: RemoteNode, plan: TracePlan, found: Found): void {
    const tracer = found.others.find((each) => each instanceof Pid);
    if (tracer !== undefined && plan.whom === "process") {
      const values = { process: plan.process.trim(), tracer: format(tracer) };
      this._wrong = (words) => words.say("traceIsTraced", values);
      return;
    }
    const words = this.#words;
    const what = planText(plan, words);
    const warnings = warningsOf(plan, found, words);
    this.#dialog.ask({
      title: words.say("traceQuestion", { what }),
      detail: words.say("traceMeaning", { count: words.count(plan.count), rate: words.count(plan.rate) }),
      verb: words.say("traceStartVerb"),
      node: remote.name,
      fields: () => html`${warnings.map((warning) => html`<p class="warning"><span aria-hidden="true">⚠</span> ${warning}</p>`)}`,
      confirmed: () => {
        void this.act("trace", what, () => this.#start(remote, plan, found)).catch(this.#failed);
        return true;
      },
    });
  }

  async #start(remote: RemoteNode, plan: TracePlan, found: Found): Promise<void> {
    const words = this.#words;
    this.#rows.restart();
    const isOurs = (): boolean => this._running === running;
    const trace = Trace.start(remote, plan, found, {
      started: () => {
        if (!isOurs()) return;
        running.isStarted = true;
        this.#note("note", words.say("traceBegun", { what: planText(plan, words) }));
      },
      received: (message) => isOurs() && this.#add(this.#rows.row(message, this.redact, this.#words)),
      dropped: (missing) => isOurs() && this.#note("gap", words.many("traceDropped", missing)),
      ended: (ending) => isOurs() && this.#ended(ending, plan),
    });
    const running: Running = { plan, remote, trace: trace.catch(() => undefined), isStarted: false };
    this._running = running;
    this._folded = true;
    try {
      await trace;
    } catch (error) {
      if (isOurs()) this._running = undefined;
      throw error;
    }
  }

  #stop(): void {
    void this._running?.trace.then((trace) => trace?.stop());
  }

  #ended(ending: Ending, plan: TracePlan): void {
    const words = this.#words;
    this._running = undefined;
    if (ending.type === "failed") {
      this._folded = false;
      this._problem = problemOf(new ToldError(TRACE_STRINGS, "traceFailedBecause", { reason: format(ending.reason) }));
    }
    if ("dropped" in ending && ending.dropped > 0) this.#note("gap", words.many("traceDropped", ending.dropped));
    this.#note(ending.type === "stopped" || ending.type === "failed" ? "note" : "gap", endingText(ending, plan, words));
  }

  readonly #failed = (error: unknown): void => {
    if (this.remote?.isConnected === true) this._problem = problemOf(error);
  };

  #note(kind: "gap" | "note", line: string): void {
    this.#add(this.#rows.note(kind, line));
  }

  #add(row: TraceRow): void {
    this.#buffer.add(row);
    if (this._paused) this.#unseen++;
    this.#show();
  }

  #show(): void {
    this.#showing ??= setTimeout(() => {
      this.#showing = undefined;
      this.requestUpdate();
      if (!this._paused) this.renderRoot.querySelector<ErlGrid<TraceRow>>("erl-grid")?.rowsChanged({ follow: true });
    }, SHOW_EVERY_MS);
  }

  readonly #pause = (): void => {
    this._paused = !this._paused;
    this.#frozen = this._paused ? this.#buffer.snapshot() : undefined;
    this.#unseen = 0;
    if (!this._paused) this.#show();
  };

  readonly #clear = (): void => {
    this.#buffer.clear();
    this.#unseen = 0;
    if (this._paused) this.#frozen = this.#buffer.snapshot();
    this._opened = "";
    this.#show();
  };

  readonly #copy = (): void => {
    void navigator.clipboard.writeText(this.#buffer.rows.map(lineOf).join("\n"));
  };

  readonly #filtered = (event: Event): void => {
    // The listener sits on the input.
    const filter = (event.currentTarget as HTMLInputElement).value;
    clearTimeout(this.#filterTimer);
    this.#filterTimer = setTimeout(() => (this._filter = filter), FILTER_DELAY_MS);
  };

  #complete(typed: string): void {
    clearTimeout(this.#completeTimer);
    this.#completeTimer = setTimeout(async () => {
      try {
        const found = await this.remote?.evaluate(COMPLETE, { Text: charlist(typed.trim()), Most: MOST_COMPLETIONS });
        this._completions = (Array.isArray(found) ? found : []).map((each: Term) => text(each));
      } catch {
        // Nothing is offered, and the field is as good without.
        this._completions = [];
      }
    }, COMPLETE_DELAY_MS);
  }
}

const ICONS: Readonly<Record<TraceKind, string>> = {
  call: "→",
  return: "←",
  exception: "✕",
  send: "↗",
  receive: "↙",
  spawn: "+",
  exit: "■",
  link: "⇄",
  name: "@",
  gap: "⋯",
  note: "·",
};

function kindView(kind: TraceKind, words: TraceWords): TemplateResult {
  return html`<span part="kind kind-${kind}"><span aria-hidden="true">${ICONS[kind]}</span> ${words.say(`traceKind_${kind}`)}</span>`;
}

function warningsOf({ whom }: TracePlan, { functions, others }: Found, words: TraceWords): string[] {
  const tracer = others.find((each) => each instanceof Pid);
  return [
    ...(whom === "all" ? [words.say("traceWarnAll")] : []),
    ...(functions > 1 ? [words.many("traceWarnFunctions", functions)] : []),
    ...others.flatMap((each) =>
      each instanceof Pid ? [] : [words.say(String(each) === "dbg" ? "traceWarnDbg" : "traceWarnPattern")],
    ),
    ...(tracer === undefined ? [] : [words.say("traceWarnTracer", { tracer: localPid(tracer) })]),
  ];
}

function endingText(ending: Ending, plan: TracePlan, words: TraceWords): string {
  switch (ending.type) {
    case "count":
      return words.say("traceEndedCount", { count: words.count(plan.count) });
    case "rate":
      return words.say("traceEndedRate", { rate: words.count(plan.rate) });
    case "queue":
      return words.say("traceEndedQueue");
    case "memory":
      return words.say("traceEndedMemory");
    case "stopped":
      return words.say("traceEndedStopped");
    case "lost":
      return words.say("traceEndedLost");
    case "killed":
      return words.say("traceEndedKilled", { reason: format(ending.reason) });
    case "failed":
      return words.say("traceFailedBecause", { reason: format(ending.reason) });
    default:
      return ending satisfies never;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "erl-trace": ErlTrace;
  }
}
