import { type CSSResult, css, html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { controls } from "../../controls.ts";
import { consoleEvent } from "../../events.ts";
import type { RemoteNode } from "../../remote/remote-node.ts";
import { tokens } from "../../tokens.ts";
import { perWords, type Words } from "../../words.ts";
import { ActionDialog } from "../action-dialog.ts";
import type { Column, ErlGrid, GridEventMap, Rows } from "../grid/erl-grid.ts";
import { textFilter } from "../grid/row-buffer.ts";
import { PanelElement } from "../panel-element.ts";
import { panelStyles } from "../panel-styles.ts";
import { type Problem, problemOf, problemView } from "../problem.ts";
import type { PanelKey } from "../strings.ts";
import { fieldsOf, LogBuffer, type LogRow } from "./log-buffer.ts";
import { LEVELS, type Level, type LogRecord, LogStream } from "./log-stream.ts";
import { redactedLine } from "./redacted-line.ts";
import { LOGS_STRINGS, type LogsKey } from "./strings.ts";

type LogsWords = Words<LogsKey | PanelKey>;

const FILTER_DELAY_MS = 200;
/** What events may take of a frame, and the time between two views of them. */
const SLICE_MS = 6;
const FRAME_MS = 16;
const SHOW_EVERY_MS = 100;
/** A page that nobody sees has no frames, and goes on all the same. */
const NO_FRAME_MS = 100;
const URGENT: ReadonlySet<Level> = new Set(["emergency", "alert", "critical", "error"]);

/**
 * The node's log as it happens, by a handler that goes when the page goes.
 *
 * @fires erl-log - an event of the log
 * @csspart toolbar
 * @csspart grid
 * @csspart row
 * @csspart cell
 * @csspart detail
 * @csspart level
 * @customElement erl-logs
 */
export class ErlLogs extends PanelElement {
  static override properties: PropertyDeclarations = {
    _level: { state: true },
    _filter: { state: true },
    _paused: { state: true },
    _problem: { state: true },
    _primary: { state: true },
    _announces: { state: true },
    _announced: { state: true },
    _opened: { state: true },
  };

  declare private _level: Level | "all";
  declare private _filter: string;
  declare private _paused: boolean;
  declare private _problem: Problem | undefined;
  /** The node's own level. */
  declare private _primary: string;
  declare private _announces: boolean;
  declare private _announced: string;
  /** The event whose whole text is shown. */
  declare private _opened: string;

  readonly #buffer: LogBuffer = new LogBuffer();
  readonly #dialog: ActionDialog = new ActionDialog(this);
  #stream: Promise<LogStream | undefined> | undefined;
  /** What the events of this frame have taken so far, and until when. */
  #takingMs = 0;
  #takenAt = 0;
  #showing: ReturnType<typeof setTimeout> | undefined;
  #shownAt = 0;
  /** What the view shows while it is paused. */
  #frozen: Rows<LogRow> | undefined;
  /** Came meanwhile. */
  #unseen = 0;
  #filterTimer: ReturnType<typeof setTimeout> | undefined;

  static override styles: CSSResult[] = [
    tokens,
    controls,
    panelStyles,
    css`
      .event {
        max-height: 14rem;
        padding: 0.75rem;
        overflow: auto;
        border-top: 2px solid var(--_border);
        font-size: 0.8125rem;
      }

      .event .head {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1rem;
        align-items: center;
      }

      .event .head .actions {
        margin-inline-start: auto;
      }

      .event button {
        min-height: 2rem;
        padding: 0 0.625rem;
        font-size: 0.8125rem;
      }

      pre {
        margin: 0.5rem 0 0;
        font-family: var(--_font-mono);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }

      erl-grid::part(level) {
        font-weight: 600;
      }

      erl-grid::part(level-urgent) {
        color: var(--_danger);
      }

      erl-grid::part(level-warning) {
        color: var(--_warn);
      }

      erl-grid::part(level-gap) {
        color: var(--_warn);
        font-style: italic;
      }
    `,
  ];

  constructor() {
    super();
    this._level = "all";
    this._filter = "";
    this._paused = false;
    this._primary = "";
    this._announces = false;
    this._announced = "";
    this._opened = "";
  }

  protected override nodeUp(remote: RemoteNode): void {
    if (this.#buffer.size > 0) this.#buffer.addGap(this.#words.say("logsLost"));
    this.#stream = this.#open(remote);
  }

  protected override nodeDown(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    this._primary = "";
    void stream?.then((opened) => opened?.close());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#showing);
    this.#showing = undefined;
    clearTimeout(this.#filterTimer);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    const { redact } = this;
    // What came before the page had said it.
    if (changed.has("redact") && redact !== undefined)
      this.#buffer.change((message) => redactedLine(message, redact, this.#words));
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (!changed.has("_level") && !changed.has("_filter")) return;
    const matches = textFilter(this._filter, fieldsOf);
    if (matches === undefined) return;
    this.#buffer.filter = { level: this._level, matches };
    if (this._paused) this.#frozen = this.#buffer.snapshot();
    this.#show();
  }

  get #words(): LogsWords {
    return this.wordsOf(LOGS_STRINGS);
  }

  protected override render(): TemplateResult {
    const words = this.#words;
    const opened = this._opened === "" ? undefined : this.#buffer.find(this._opened);
    return html`
      ${this.#toolbar(words)}
      ${
        this._problem === undefined
          ? nothing
          : problemView(words.say("logsNotFollowed"), this._problem, words, this.remote?.name, this.#retry)
      }
      <div class="split">
        <erl-grid
          exportparts="grid, row, cell, level"
          label=${words.say("logs")}
          .words=${words}
          .empty=${this.#emptyText(words)}
          .columns=${columns(words)}
          .rows=${this.#frozen ?? this.#buffer}
          .selected=${this._opened}
          @grid-activate=${({ detail }: GridEventMap["grid-activate"]) => (this._opened = detail.key)}
        ></erl-grid>
        ${opened === undefined ? nothing : this.#eventView(opened, words)}
      </div>
      <p class="visually-hidden" aria-live="assertive">${this._announced}</p>
      ${this.#dialog.view(words)}
    `;
  }

  #toolbar(words: LogsWords): TemplateResult {
    const wrong = textFilter(this._filter, fieldsOf) === undefined;
    return html`
      <div part="toolbar" class="toolbar" role="toolbar" aria-label=${words.say("logs")} data-region>
        <label><span>${words.say("logsLevel")}</span>
          <select part="input" @change=${(event: Event) => this.#setLevel(valueOf(event))}>
            <option value="all" ?selected=${this._level === "all"}>${words.say("logsAll")}</option>
            ${LEVELS.map((level) => html`<option value=${level} ?selected=${this._level === level}>${words.say("logsAndAbove", { level })}</option>`)}
          </select>
        </label>
        <label class="filter"><span>${words.say("filter")}</span>
          <input part="input" type="search" spellcheck="false" placeholder=${words.say("logsFilterHint")} aria-invalid=${wrong ? "true" : "false"} @input=${this.#filtered} />
        </label>
        <button part="button" type="button" data-key="p" aria-pressed=${this._paused ? "true" : "false"} @click=${this.#pause}>${words.say(this._paused ? "goOn" : "pause")}</button>
        <button part="button" type="button" @click=${this.#clear}>${words.say("clear")}</button>
        <label><input type="checkbox" .checked=${this._announces} @change=${(event: Event) => (this._announces = (event.currentTarget as HTMLInputElement).checked)} /><span>${words.say("logsAnnounce")}</span></label>
        ${this._primary === "" ? nothing : this.#primaryView(words)}
        <span class="summary" role="status">${wrong ? words.say("logsNotRegex") : this.#summary(words)}</span>
      </div>
    `;
  }

  #primaryView(words: LogsWords): TemplateResult {
    if (!this.can("log-level")) return html`<span class="muted">${words.say("logsNodeLogs", { level: this._primary })}</span>`;
    return html`
      <label><span>${words.say("logsNodeLevel")}</span>
        <select part="input" @change=${(event: Event) => this.#askPrimary(event)}>
          ${["all", ...LEVELS].map((level) => html`<option value=${level} ?selected=${level === this._primary}>${level === "all" ? words.say("logsAll") : level}</option>`)}
        </select>
      </label>
    `;
  }

  #summary(words: LogsWords): string {
    const { length, size, dropped } = this.#buffer;
    const all = words.many("logsEvents", size);
    const parts = [length === size ? all : words.say("logsShown", { shown: words.count(length), all })];
    if (dropped > 0) parts.push(words.many("logsDropped", dropped));
    if (this._paused) parts.push(words.say("logsPaused", { count: words.count(this.#unseen) }));
    return parts.join(" · ");
  }

  #emptyText(words: LogsWords): string {
    if (this.remote === undefined) return words.say("notConnected");
    if (this._problem !== undefined) return "";
    if (this.#buffer.size > 0) return words.say("logsNoMatch");
    return words.say(this._primary === "" ? "logsAsking" : "logsNone");
  }

  #eventView(row: LogRow, words: LogsWords): TemplateResult {
    return html`
      <section part="detail" class="event" aria-label=${words.say("logsEvent")} data-region tabindex="0">
        <div class="head">
          <strong>${row.isGap ? words.say("logsGap") : row.level}</strong><time>${row.time}</time><span class="mono">${row.pid}</span>
          <span class="mono">${row.line === "" ? row.mfa : words.say("logsLine", { function: row.mfa, line: row.line })}</span>
          ${row.domain === "" ? nothing : html`<span>${row.domain}</span>`}
          <span class="actions">
            <button part="button" type="button" @click=${() => void navigator.clipboard.writeText(row.message)}>${words.say("logsCopy")}</button>
            <button part="button" type="button" data-key="Escape" @click=${() => (this._opened = "")}>${words.say("close")}</button>
          </span>
        </div>
        <pre>${row.message}</pre>
      </section>
    `;
  }

  async #open(remote: RemoteNode): Promise<LogStream | undefined> {
    this._problem = undefined;
    try {
      const stream = await LogStream.open(remote, this._level, {
        received: (records) => this.#take(records),
        ended: (why) => this.#ended(why),
        missing: (events) => this.#words.many("logsTooFast", events),
      });
      this._primary = await stream.primaryLevel();
      return stream;
    } catch (error) {
      if (remote.isConnected) this._problem = problemOf(error);
      return undefined;
    }
  }

  /** Never for long at a time: what a page does for a person comes between. */
  async #take(records: readonly LogRecord[]): Promise<void> {
    // Batches that come in one go have one frame's time together.
    if (performance.now() - this.#takenAt > FRAME_MS) this.#takingMs = 0;
    let start = performance.now();
    for (const whole of records) {
      const record = { ...whole, message: redactedLine(whole.message, this.redact, this.#words) };
      this.#buffer.add(record);
      this.dispatchEvent(consoleEvent("erl-log", { level: record.level, text: record.message }));
      if (this._announces && URGENT.has(record.level)) this._announced = `${record.level}: ${record.message}`;
      if (this._paused) this.#unseen++;
      this.#show();
      if (this.#takingMs + performance.now() - start < SLICE_MS) continue;
      await nextFrame();
      this.#takingMs = 0;
      start = performance.now();
    }
    this.#takenAt = performance.now();
    this.#takingMs += this.#takenAt - start;
  }

  #ended(why: Error): void {
    const stream = this.#stream;
    this.#stream = undefined;
    void stream?.then((opened) => opened?.close());
    this._problem = problemOf(why);
  }

  readonly #retry = (): void => {
    const { remote } = this;
    if (remote !== undefined) this.#stream = this.#open(remote);
  };

  /** With a frame, however much has come, and not with each: nobody reads that fast, and what a frame shows has to be made. */
  #show(): void {
    this.#showing ??= setTimeout(
      () =>
        requestAnimationFrame(() => {
          this.#showing = undefined;
          if (!this.isConnected) return;
          this.#shownAt = performance.now();
          this.requestUpdate();
          if (!this._paused) this.renderRoot.querySelector<ErlGrid<LogRow>>("erl-grid")?.rowsChanged({ follow: true });
        }),
      this.#shownAt + SHOW_EVERY_MS - performance.now(),
    );
  }

  readonly #pause = (): void => {
    this._paused = !this._paused;
    this.#frozen = this._paused ? this.#buffer.snapshot() : undefined;
    this.#unseen = 0;
    if (!this._paused) this.#show();
  };

  readonly #clear = (): void => {
    this.#buffer.clear();
    if (this._paused) this.#frozen = this.#buffer.snapshot();
    this._opened = "";
    this.#show();
    this.requestUpdate();
  };

  #setLevel(value: string): void {
    this._level = LEVELS.find((level) => level === value) ?? "all";
    const level = this._level;
    void this.#stream?.then((stream) => stream?.setLevel(level)).catch(this.#failed);
  }

  /** For everybody on the node: so it is asked about first. */
  #askPrimary(event: Event): void {
    const { remote } = this;
    const level = LEVELS.find((known) => known === valueOf(event)) ?? "all";
    if (remote === undefined) return;
    // Until it is confirmed the old one stands there.
    (event.currentTarget as HTMLSelectElement).value = this._primary;
    const words = this.#words;
    this.#dialog.ask({
      title: words.say("logsSetTitle", { level }),
      detail: words.say("logsSetDetail"),
      verb: words.say("logsSetVerb"),
      node: remote.name,
      confirmed: () => {
        void this.act("log-level", level, async () => {
          await (await this.#stream)?.setPrimaryLevel(level);
          this._primary = level;
        }).catch(this.#failed);
        return true;
      },
    });
  }

  readonly #failed = (error: unknown): void => {
    this._problem = problemOf(error);
  };

  readonly #filtered = (event: Event): void => {
    const filter = valueOf(event);
    clearTimeout(this.#filterTimer);
    this.#filterTimer = setTimeout(() => (this._filter = filter), FILTER_DELAY_MS);
  };
}

const SHORT_TIME = /T(\d\d:\d\d:\d\d(?:\.\d{1,3})?)/;

const columns: (words: LogsWords) => readonly Column<LogRow>[] = perWords((words) => [
  {
    id: "time",
    title: words.say("logsTime"),
    width: "6.5rem",
    narrow: true,
    narrowWidth: "6.5rem",
    cell: ({ time }) => SHORT_TIME.exec(time)?.[1] ?? time,
  },
  {
    id: "level",
    title: words.say("logsColumnLevel"),
    width: "5rem",
    narrow: true,
    narrowWidth: "minmax(0, 1fr)",
    cell: (row) => levelCell(row, words),
  },
  { id: "pid", title: words.say("logsPid"), width: "5.5rem", narrow: true, cell: ({ pid }) => pid },
  {
    id: "mfa",
    title: words.say("logsFunction"),
    width: "minmax(6rem, 0.6fr)",
    cell: ({ mfa, line }) => (line === "" ? mfa : `${mfa}:${line}`),
  },
  {
    id: "message",
    title: words.say("logsMessage"),
    width: "minmax(8rem, 2fr)",
    narrow: "below",
    cell: ({ message }) => message.replaceAll("\n", " ⏎ "),
  },
]);

function levelCell({ level, isGap }: LogRow, words: LogsWords): TemplateResult {
  const part = isGap ? "level-gap" : URGENT.has(level) ? "level-urgent" : level === "warning" ? "level-warning" : "";
  return html`<span part="level ${part}">${isGap ? words.say("logsGap") : level}</span>`;
}

function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    const frame = requestAnimationFrame(() => {
      clearTimeout(timer);
      resolve();
    });
    const timer = setTimeout(() => {
      cancelAnimationFrame(frame);
      resolve();
    }, NO_FRAME_MS);
  });
}

function valueOf(event: Event): string {
  // The listeners sit on inputs and selects.
  return (event.currentTarget as HTMLInputElement | HTMLSelectElement).value;
}

declare global {
  interface HTMLElementTagNameMap {
    "erl-logs": ErlLogs;
  }
}
