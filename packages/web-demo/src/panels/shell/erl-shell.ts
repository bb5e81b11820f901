import { type CSSResult, html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { controls } from "../../controls.ts";
import type { RemoteNode } from "../../remote/remote-node.ts";
import type { ShellKind } from "../../shell/dialect.ts";
import { tokens } from "../../tokens.ts";
import { ActionDialog } from "../action-dialog.ts";
import { ColourWatcher } from "../colour-watcher.ts";
import { PanelElement } from "../panel-element.ts";
import { panelStyles } from "../panel-styles.ts";
import { LineSession } from "./line-session.ts";
import { type Session, SESSION_STATES, type SessionHost, type ShellWords } from "./session.ts";
import { SHELL_STRINGS, type ShellKey } from "./strings.ts";
import { styles } from "./styles.ts";
import { TerminalSession } from "./terminal-session.ts";
import { THEME_COLOURS } from "./terminal-theme.ts";
import { terminalStyles } from "./terminal-styles.ts";

const MAX_SESSIONS = 8;

/** Keys that the keyboard of a phone has not, by their sign or what they are called. */
const TOUCH_KEYS: readonly (readonly [label: string | { readonly key: ShellKey }, keys: string])[] = [
  [{ key: "shellKeyEsc" }, "\x1b"],
  [{ key: "shellKeyTab" }, "\t"],
  ["^C", "\x03"],
  ["^D", "\x04"],
  ["←", "\x1b[D"],
  ["→", "\x1b[C"],
  ["↑", "\x1b[A"],
  ["↓", "\x1b[B"],
];

/**
 * The node's own shell, Erlang's or IEx, in a terminal or line by line: editing, history, completion and help are the node's. Nothing
 * is loaded there, and nothing stays when the page goes.
 *
 * Whoever has a shell can do everything on the node, so it has to be allowed: `allow="eval"`.
 *
 * @fires erl-before-action - a shell is about to be started, or a command to stop the node; can be cancelled
 * @fires erl-action - that has happened
 * @csspart toolbar
 * @csspart tab - the choice of one of several shells
 * @csspart terminal - a terminal, or a log and a field
 * @csspart status - the state in a sentence
 * @csspart button
 * @csspart dialog
 * @customElement erl-shell
 */
export class ErlShell extends PanelElement {
  static override styles: CSSResult[] = [tokens, controls, panelStyles, terminalStyles, styles];

  static override properties: PropertyDeclarations = {
    shell: { type: String },
    mode: { type: String, reflect: true },
    _open: { state: true },
    _problem: { state: true },
    _finding: { state: true },
    _found: { state: true },
    _refused: { state: true },
  };

  /** Which shell: `"auto"` is IEx on a node that runs it. */
  declare shell: ShellKind | "auto";
  /** `"line"`: no terminal, but a log and a field, for screen readers and small screens. For shells that are started from then on. */
  declare mode: "terminal" | "line";
  /** The id of the session that is shown. */
  declare private _open: number;
  declare private _problem: string;
  declare private _finding: boolean;
  declare private _found: boolean;
  /** The page has prevented the start of a shell. */
  declare private _refused: boolean;

  readonly #dialog: ActionDialog = new ActionDialog(this);
  #sessions: readonly Session[] = [];
  #lastId = 0;
  #starting = false;
  #wantsFocus = false;
  /** To be typed as soon as a session runs. */
  #lines: string[] = [];
  /** What the terminal showed when it was taken away, for the next one. */
  #kept = "";

  constructor() {
    super();
    this.addController(new ColourWatcher(this, THEME_COLOURS, () => this.#restyle()));
    this.shell = "auto";
    this.mode = "terminal";
    this._open = 0;
    this._problem = "";
    this._finding = false;
    this._found = true;
    this._refused = false;
  }

  /** Everything that the open session has shown, as text. */
  get text(): string {
    return this.#current?.text ?? "";
  }

  /** Types into the open session, as a person would; Enter is `"\r"`. */
  type(keys: string): void {
    this.#current?.type(keys);
  }

  /** Types a line and Enter into the open session, as soon as it runs. */
  run(line: string): void {
    this.#lines.push(line);
    this.#typeLines();
  }

  /** The focus goes to the open session, as soon as it runs. */
  override focus(): void {
    this.#wantsFocus = true;
    this.#focusWanted();
  }

  /** Opens one more shell. */
  async openSession(): Promise<void> {
    const { remote } = this;
    if (remote === undefined || this.#starting || this.#sessions.length >= MAX_SESSIONS) return;
    this.#starting = true;
    let ran = false;
    await this.act("eval", "shell", () => {
      ran = true;
      const session = this.#newSession();
      this.#sessions = [...this.#sessions, session];
      this._open = session.id;
      this.requestUpdate();
      // The terminal measures itself in the document.
      void this.updateComplete.then(() => session.start(remote));
    });
    this.#starting = false;
    this._refused = !ran && this.can("eval");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("pagehide", this.#leavePage);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("pagehide", this.#leavePage);
    // One that is only moved keeps its shells.
    queueMicrotask(() => {
      if (!this.isConnected) this.#closeAll();
    });
  }

  protected override nodeUp(remote: RemoteNode): void {
    this._refused = false;
    for (const session of this.#sessions) void session.start(remote);
    this.#openFirst();
  }

  protected override nodeDown(): void {
    for (const session of this.#sessions) session.lost();
  }

  protected override activeChanged(): void {
    this.#openFirst();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    if (changed.has("allow") || changed.has("readOnly")) {
      if (!this.can("eval")) this.#closeAll();
      else this.#openFirst();
    }
    const mode = changed.get("mode");
    if (mode !== undefined && mode !== this.mode) {
      this.#closeAll();
      this.#openFirst();
    }
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    for (const session of this.#sessions) if (session instanceof LineSession) session.updated();
    this.#focusWanted();
    this.#typeLines();
  }

  get #words(): ShellWords {
    return this.wordsOf(SHELL_STRINGS);
  }

  protected override render(): TemplateResult {
    const words = this.#words;
    if (!this.can("eval")) return html`<p class="note">${this.#whyNot()}</p>`;
    if (this._refused) return html`<p class="note">${words.say("shellRefused")}</p>`;
    const session = this.#current;
    return html`
      ${this.#toolbar()}
      ${this._finding ? this.#findBar() : nothing}
      ${repeat(
        this.#sessions,
        ({ id }) => id,
        (each) => html`
          <div
            class="session ${each.state}"
            role="tabpanel"
            id="session-${each.id}"
            aria-label=${this.#titleOf(each)}
            ?hidden=${each !== session}
          >
            ${each.view()}
          </div>
        `,
      )}
      ${session === undefined ? html`<p class="note">${words.say(this.remote === undefined ? "shellNoConnection" : "shellNone")}</p>` : nothing}
      ${session instanceof TerminalSession ? this.#touchKeys(session) : nothing}
      <p part="status" class="status" role="status">${this.#statusOf(session)}</p>
      ${this.#dialog.view(words)}
    `;
  }

  #whyNot(): string {
    return this.readOnly ? this.#words.say("shellReadOnly") : this.#words.say("shellNotAllowed", { attribute: 'allow="eval"' });
  }

  #toolbar(): TemplateResult {
    const words = this.#words;
    const session = this.#current;
    return html`
      <div class="toolbar" part="toolbar">
        <div class="sessions">
          <div role="tablist" aria-label=${words.say("shells")} @keydown=${this.#tabKey}>
            ${this.#sessions.map(
              (each) => html`
                <button
                  part="tab"
                  type="button"
                  role="tab"
                  id="tab-${each.id}"
                  aria-selected=${each === session}
                  aria-controls="session-${each.id}"
                  tabindex=${each === session ? 0 : -1}
                  @click=${() => this.#show(each)}
                >
                  ${this.#titleOf(each)}
                </button>
              `,
            )}
          </div>
          <button
            part="button"
            type="button"
            ?disabled=${this.remote === undefined || this.#sessions.length >= MAX_SESSIONS}
            @click=${() => void this.openSession()}
          >
            ${words.say("shellNew")}
          </button>
          <button part="button" type="button" ?disabled=${session === undefined} @click=${() => void this.#close(session)}>${words.say("close")}</button>
        </div>
        ${
          session instanceof TerminalSession
            ? html`<button part="button" type="button" ?disabled=${session.state !== "running"} @click=${() => session.interrupt()}>
                  ${words.say("shellInterrupt")}
                </button>
                <button part="button" type="button" aria-expanded=${this._finding} @click=${() => this.#toggleFind()}>${words.say("shellFind")}</button>`
            : nothing
        }
        <button part="button" type="button" ?disabled=${session === undefined} @click=${() => session?.clear()}>${words.say("clear")}</button>
        <button
          part="button"
          type="button"
          ?disabled=${session === undefined}
          @click=${() => void navigator.clipboard.writeText(this.text)}
        >
          ${words.say("shellCopyAll")}
        </button>
        <button part="button" type="button" aria-pressed=${this.mode === "line"} @click=${() => this.#switchMode()}>${words.say("shellLineByLine")}</button>
      </div>
    `;
  }

  #findBar(): TemplateResult {
    const words = this.#words;
    const find = (event: Event, direction: "next" | "previous"): void => {
      event.preventDefault();
      const text = this.renderRoot.querySelector<HTMLInputElement>("#find")?.value ?? "";
      const session = this.#current;
      if (session instanceof TerminalSession && text !== "") this._found = session.terminal?.find(text, direction) ?? true;
    };
    return html`
      <form class="toolbar" role="search" @submit=${(event: Event) => find(event, "next")} @keydown=${this.#findKey}>
        <label class="filter"><span>${words.say("shellFind")}</span> <input id="find" type="search" autocomplete="off" /></label>
        <button part="button">${words.say("shellNext")}</button>
        <button part="button" type="button" @click=${(event: Event) => find(event, "previous")}>${words.say("shellPrevious")}</button>
        <button part="button" type="button" @click=${() => this.#toggleFind()}>${words.say("shellDone")}</button>
        <span class="summary" role="status">${this._found ? "" : words.say("shellNotFound")}</span>
      </form>
    `;
  }

  #touchKeys(session: TerminalSession): TemplateResult {
    return html`
      <div class="keys" role="group" aria-label=${this.#words.say("shellKeys")}>
        ${TOUCH_KEYS.map(
          ([label, keys]) => html`
            <button
              part="button"
              type="button"
              @click=${() => {
                session.type(keys);
                session.focus();
              }}
            >
              ${typeof label === "string" ? label : this.#words.say(label.key)}
            </button>
          `,
        )}
      </div>
    `;
  }

  #statusOf(session: Session | undefined): string {
    if (this._problem !== "") return this._problem;
    if (session === undefined) return "";
    const words = this.#words;
    const help = words.say(session instanceof TerminalSession ? "shellTerminalHelp" : "shellLineHelp");
    const values = { shell: this.#titleOf(session), node: this.remote?.name ?? "", help };
    return words.say(SESSION_STATES[session.state], values);
  }

  get #current(): Session | undefined {
    return this.#sessions.find(({ id }) => id === this._open) ?? this.#sessions[0];
  }

  #titleOf(session: Session): string {
    return this.#words.say("shell", { number: `${session.id}` });
  }

  #openFirst(): void {
    if (this.active && this.remote !== undefined && this.can("eval") && this.#sessions.length === 0) void this.openSession();
  }

  #newSession(): Session {
    const panel = this;
    const host: SessionHost = {
      get kind() {
        return panel.shell;
      },
      get words() {
        return panel.#words;
      },
      get cspNonce() {
        return panel.cspNonce;
      },
      changed: () => this.requestUpdate(),
      confirm: (command) => this.#confirm(command),
      edit: (text) => this.#edit(text),
      leave: () => this.#leaveTerminal(),
      find: () => this.#toggleFind(),
      problem: (text) => (this._problem = text),
    };
    const id = ++this.#lastId;
    if (this.mode === "line") return new LineSession(id, host);
    const kept = this.#kept;
    this.#kept = "";
    return new TerminalSession(id, host, kept);
  }

  #typeLines(): void {
    const session = this.#current;
    if (!this.can("eval")) this.#lines = [];
    if (session?.state !== "running") return;
    for (const line of this.#lines.splice(0)) session.type(`${line}\r`);
  }

  #focusWanted(): void {
    const session = this.#current;
    if (!this.#wantsFocus || session?.state !== "running") return;
    this.#wantsFocus = false;
    session.focus();
  }

  #show(session: Session): void {
    this._open = session.id;
    void this.updateComplete.then(() => session.focus());
  }

  async #close(session: Session | undefined): Promise<void> {
    if (session === undefined) return;
    this.#sessions = this.#sessions.filter((each) => each !== session);
    this.requestUpdate();
    await session.close();
    await this.updateComplete;
    if (this.#sessions.length > 0) this.#leaveTerminal();
  }

  #closeAll(): void {
    const sessions = this.#sessions;
    const current = this.#current;
    if (current instanceof TerminalSession) this.#kept = current.serialized;
    this.#sessions = [];
    for (const session of sessions) void session.close();
  }

  #switchMode(): void {
    this.mode = this.mode === "line" ? "terminal" : "line";
  }

  #toggleFind(): void {
    this._finding = !this._finding;
    this._found = true;
    const session = this.#current;
    void this.updateComplete.then(() => {
      if (this._finding) this.renderRoot.querySelector<HTMLInputElement>("#find")?.focus();
      else {
        if (session instanceof TerminalSession) session.terminal?.clearFound();
        session?.focus();
      }
    });
  }

  readonly #findKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape") this.#toggleFind();
  };

  /** Out of the terminal, which keeps all other keys for itself. */
  #leaveTerminal(): void {
    this.renderRoot.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus();
  }

  readonly #tabKey = (event: KeyboardEvent): void => {
    const at = this.#sessions.findIndex((session) => session === this.#current);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: this.#sessions.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const session = this.#sessions[(to + this.#sessions.length) % this.#sessions.length];
    if (session === undefined) return;
    this._open = session.id;
    void this.updateComplete.then(() => this.#leaveTerminal());
  };

  /** A command that stops the node is asked about, with the node's name. */
  async #confirm(command: string): Promise<boolean> {
    const node = this.remote?.name ?? "";
    const words = this.#words;
    const agreed = await new Promise<boolean>((resolve) => {
      this.#dialog.ask({
        title: words.say("shellStopTitle", { node }),
        detail: words.say("shellStopDetail", { command }),
        verb: words.say("shellStopVerb"),
        node,
        confirmed: () => {
          resolve(true);
          return true;
        },
        cancelled: () => resolve(false),
      });
    });
    return agreed && (await this.act("eval", command, () => {}));
  }

  /** Ctrl-O, in releases that have it: the expression in a field that is larger than a line. */
  #edit(text: string): Promise<string> {
    const words = this.#words;
    return new Promise((resolve) => {
      this.#dialog.ask({
        title: words.say("shellEditTitle"),
        detail: words.say("shellEditDetail"),
        verb: words.say("shellEditVerb"),
        node: this.remote?.name ?? "",
        fields: () =>
          html`<textarea id="edited" aria-label=${words.say("shellExpression")} spellcheck="false" .value=${text}></textarea>`,
        confirmed: () => {
          resolve(this.renderRoot.querySelector<HTMLTextAreaElement>("#edited")?.value ?? text);
          return true;
        },
        cancelled: () => resolve(text),
      });
    });
  }

  #restyle(): void {
    for (const session of this.#sessions) if (session instanceof TerminalSession) session.restyle();
  }

  /** The last moment in which something can be said to the node; what it does not hear, the dead man does. */
  readonly #leavePage = (): void => this.#closeAll();
}

declare global {
  interface HTMLElementTagNameMap {
    "erl-shell": ErlShell;
  }
}
