import { type CSSResult, html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { ConnectingElement } from "../connection/connecting-element.ts";
import type { ConnectionState } from "../connection/connection-state.ts";
import { controls } from "../controls.ts";
import { consoleEvent } from "../events.ts";
import { type FrameStrings, panelTitle, stringsOf } from "../strings.ts";
import { Figures, langOf } from "../units.ts";
import { tokens } from "../tokens.ts";
import { define } from "../define.ts";
import { type Answers, connectForm } from "./connect-form.ts";
import { FactsController } from "./facts.ts";
import { headerView } from "./header-view.ts";
import type { LinkForMfa } from "../panels/panel-element.ts";
import { PANELS } from "../panels/panel-list.ts";
import type { ProcessColumn } from "../panels/processes/erl-processes.ts";
import type { ProcessRow } from "../panels/processes/process-row.ts";
import type { ErlShell } from "../panels/shell/erl-shell.ts";
import type { Redact } from "../panels/shown-term.ts";
import { type Command, isTaken, isTyping, KEYS, keysOf } from "./keys.ts";
import { CHOICES, keepChoices, keptChoices } from "./kept-choices.ts";
import { PanelSet, type Tab, tabsOf } from "./panel-set.ts";
import { railView } from "./rail-view.ts";
import { deepAll, moveToRegion } from "./regions.ts";
import { statusView } from "./status-view.ts";
import { styles } from "./styles.ts";

const HEADER_INTERVAL_MS = 5_000;
/** The panel that the drawer shows. */
const SHELL = "shell";

/** What of the console a link can hold. */
export interface ConsoleState {
  readonly node: string;
  readonly panel: string;
  readonly selected: string;
}

/**
 * A console for an Erlang node, and itself a hidden node of Erlang's distribution: processes, logs, messages and more, with
 * nothing loaded on the node.
 *
 * A cookie in a page gives whoever reads it the whole Erlang node: use it on the machine you develop on.
 *
 * @fires erl-connect - connected; `detail.name` is this page's node name
 * @fires erl-disconnect - a connection that was up has ended
 * @fires erl-error - an attempt to connect failed, or a panel could not be shown (`detail.failure.code` is `panel_failed`)
 * @fires erl-message - a message arrived at the process registered as `console`
 * @fires erl-panel-change - a person opened a panel
 * @fires erl-select - a person selected something in a panel; with `detail.panel` that panel shows it
 * @fires erl-before-action - a person is about to change something on the node; can be cancelled
 * @fires erl-action - that has happened
 * @fires erl-log - an event of the log, as the panel of logs got it
 * @slot header-start - before the state, in the header
 * @slot header-end - before the buttons, in the header
 * @slot empty - shown while there is no connection
 * @slot footer - below everything
 * @slot panel-* - a panel of the page's own: `panel-` and its id; its `aria-label` is the title
 * @csspart console - everything
 * @csspart header - the line at the top
 * @csspart state - the connection's state in one word
 * @csspart node - the name of the node
 * @csspart badge - a word beside it, such as "read-only"; and "basic mode" in the overview
 * @csspart status - the state in sentences
 * @csspart steps - the steps of connecting
 * @csspart failure - why there is no connection
 * @csspart connect-form - what is asked for before there is a connection
 * @csspart rail - the choice of panels
 * @csspart tab - one of them
 * @csspart panel - where the open panel is
 * @csspart drawer - where the shell is below another panel
 * @csspart button - every button
 * @csspart button-primary - the one that a form is there for
 * @csspart button-danger - one that changes something on the node for good
 * @csspart input - every field to write in or to choose from
 * @csspart toolbar - of a panel
 * @csspart grid - a table of a panel
 * @csspart tree - the tree of applications and supervisors
 * @csspart row - a row of it
 * @csspart cell - a cell of it
 * @csspart detail - about one row, beside its table
 * @csspart dialog - a question before something is done, and the palette of commands
 * @csspart chart - a chart with its title
 * @csspart card - a figure of the overview
 * @csspart level - the level of an event of the log
 * @csspart kind - what a traced message tells of: a call, a return
 * @csspart link - a pid that leads to its process
 * @csspart send-form - the form for a message
 * @csspart messages - what was sent and received, with its title
 * @csspart log - the list of it
 * @csspart entry - one message
 * @csspart terminal - a shell's terminal, or its log and field
 * @csspart shell-tab - the choice of one of several shells
 * @csspart shell-status - the state of a shell in a sentence
 * @cssprop --erl-font-ui - of all text but code
 * @cssprop --erl-font-mono - of code, terms and terminals
 * @cssprop --erl-surface - behind everything
 * @cssprop --erl-surface-2 - behind header, rail and cards
 * @cssprop --erl-surface-3 - behind what the pointer is on
 * @cssprop --erl-text - of everything else
 * @cssprop --erl-text-muted - of what is less important
 * @cssprop --erl-border - between what belongs together
 * @cssprop --erl-field-border - around buttons and fields
 * @cssprop --erl-accent - what is chosen, focused, or the thing to do
 * @cssprop --erl-on-accent - text on it
 * @cssprop --erl-danger - what failed, and what cannot be undone
 * @cssprop --erl-warn - what is under way or needs a look
 * @cssprop --erl-ok - what is well
 * @cssprop --erl-radius - of the corners
 * @cssprop --erl-panel-height - of the open panel
 * @cssprop --erl-drawer-height - of the shell below it
 * @cssprop --erl-row-height - of a row of a table
 * @cssprop --erl-chart-1 - first line of a chart
 * @cssprop --erl-chart-2 - second line of a chart
 * @cssprop --erl-chart-3 - third line of a chart
 * @cssprop --erl-chart-4 - fourth line of a chart
 * @cssprop --erl-chart-5 - fifth line of a chart
 * @cssprop --erl-chart-6 - sixth line of a chart
 * @cssprop --erl-ansi-0 - black of a terminal
 * @cssprop --erl-ansi-1 - red of a terminal
 * @cssprop --erl-ansi-2 - green of a terminal
 * @cssprop --erl-ansi-3 - yellow of a terminal
 * @cssprop --erl-ansi-4 - blue of a terminal
 * @cssprop --erl-ansi-5 - magenta of a terminal
 * @cssprop --erl-ansi-6 - cyan of a terminal
 * @cssprop --erl-ansi-7 - white of a terminal
 * @cssprop --erl-ansi-8 - bright black of a terminal
 * @cssprop --erl-ansi-9 - bright red of a terminal
 * @cssprop --erl-ansi-10 - bright green of a terminal
 * @cssprop --erl-ansi-11 - bright yellow of a terminal
 * @cssprop --erl-ansi-12 - bright blue of a terminal
 * @cssprop --erl-ansi-13 - bright magenta of a terminal
 * @cssprop --erl-ansi-14 - bright cyan of a terminal
 * @cssprop --erl-ansi-15 - bright white of a terminal
 * @cssState disconnected - nobody has asked for a connection, or a person has ended it
 * @cssState connecting - an attempt is under way
 * @cssState connected - there is a connection
 * @cssState reconnecting - a connection was lost, and is tried again
 * @cssState failed - an attempt to connect failed
 * @cssState readonly - nothing may change something on the node
 * @customElement erl-console
 */
export class ErlConsole extends ConnectingElement {
  static override shadowRootOptions: ShadowRootInit = { ...ConnectingElement.shadowRootOptions, delegatesFocus: true };
  static override styles: CSSResult[] = [tokens, controls, styles];

  static override properties: PropertyDeclarations = {
    panels: { type: String },
    panel: { type: String, reflect: true },
    selected: { type: String, reflect: true },
    allow: { type: String },
    readOnly: { type: Boolean, attribute: "read-only", reflect: true },
    refresh: { type: Number },
    theme: { type: String, reflect: true },
    density: { type: String, reflect: true },
    drawer: { type: Boolean, reflect: true },
    storageKey: { type: String, attribute: "storage-key" },
    withoutHeader: { type: Boolean, attribute: "without-header" },
    withoutRail: { type: Boolean, attribute: "without-rail" },
    cspNonce: { type: String, attribute: "csp-nonce" },
    to: { type: String },
    shell: { type: String },
    mode: { type: String },
    keys: { attribute: false },
    _unknown: { state: true },
    redact: { attribute: false },
    linkForMfa: { attribute: false },
    columns: { attribute: false },
    processFilter: { attribute: false },
  };

  /** The ids of the panels to show, in their order; all of them when empty. */
  declare panels: string;
  /** The id of the open panel. */
  declare panel: string;
  /** What is selected in the open panel, such as a pid. */
  declare selected: string;
  /** What may change something on the node, in words separated by spaces: `"eval kill gc send trace log-level"`. */
  declare allow: string;
  /** Nothing may, whatever `allow` says. A courtesy of this page and no protection: that is the bridge's. */
  declare readOnly: boolean;
  /** Seconds between two looks of a panel at the node. */
  declare refresh: number;
  /** `"light"`, `"dark"`, or `"auto"`: the color-scheme of the page around. */
  declare theme: "auto" | "light" | "dark";
  /** `"compact"`: less room around everything, for more rows. */
  declare density: "comfortable" | "compact";
  /** Whether the shell is shown below the open panel. */
  declare drawer: boolean;
  /** Under which the browser keeps, for this site, the open panel, theme, density and drawer; empty: nothing is kept. */
  declare storageKey: string;
  /** Leaves out the line at the top. */
  declare withoutHeader: boolean;
  /** Leaves out the choice of panels. */
  declare withoutRail: boolean;
  /** For style elements of libraries, where the page's policy asks for one. */
  declare cspNonce: string;
  /** The registered name that the form for messages begins with. */
  declare to: string;
  /** Which shell: `"erl"` or `"iex"`; `"auto"` is IEx on a node that runs it. */
  declare shell: "auto" | "erl" | "iex";
  /** How a shell begins: in a terminal, or line by line, for screen readers and small screens. */
  declare mode: "terminal" | "line";
  /**
   * Keys of the page's own, each with the keys of ours that it stands for: `{ "Ctrl+P": "Ctrl+K" }`. An empty text takes ours away:
   * `{ "/": "" }`.
   */
  declare keys: Readonly<Record<string, string>> | undefined;
  /** What is wrong with the words of `panels` and `allow`. */
  declare private _unknown: string;
  /**
   * Stands in for a term before it is shown: messages, states, dictionaries, objects of tables, what is traced, and the text of events of
   * the log. Not for what a shell prints.
   */
  declare redact: Redact | undefined;
  /** Makes links of the functions that are shown of a process or in a trace. */
  declare linkForMfa: LinkForMfa | undefined;
  /** Of the table of processes: ids of our columns, and columns of the page's own, in their order; ours when absent. */
  declare columns: readonly ProcessColumn[] | undefined;
  /** Leaves out processes that it is false for, of those that the node has listed. */
  declare processFilter: ((process: ProcessRow) => boolean) | undefined;

  readonly #facts: FactsController = new FactsController(this, () => Math.max(HEADER_INTERVAL_MS, this.refresh * 1_000));
  readonly #panels: PanelSet = new PanelSet(() => this.requestUpdate());
  readonly #internals: ElementInternals | undefined;
  #slotted: MutationObserver | undefined;
  #wasConnected = false;
  /** The shell gets the focus when it is there, or what had it before it again. */
  #wantsShell = false;
  #beforeShell: HTMLElement | undefined;
  /** The mode that the shell was given; a person may have changed it there. */
  #mode = "";
  readonly #lines: string[] = [];

  constructor() {
    super();
    this.panels = "";
    this.panel = "";
    this.selected = "";
    this.allow = "";
    this.readOnly = false;
    this.refresh = 2;
    this.theme = "auto";
    this.density = "comfortable";
    this.drawer = false;
    this.storageKey = "";
    this.withoutHeader = false;
    this.withoutRail = false;
    this.cspNonce = "";
    this.to = "";
    this.shell = "auto";
    this.mode = "terminal";
    // Absent where there is no DOM.
    this.#internals = this.attachInternals?.();
    this.addEventListener("erl-select", ({ detail: { panel, selected } }) => {
      if (panel === undefined || this.openPanel(panel)) this.selected = selected;
    });
  }

  /** The panels to choose from. */
  get tabs(): readonly Pick<Tab, "id" | "title">[] {
    const strings = stringsOf(this.allStrings);
    return tabsOf(this.panels, this.children).map(({ id, title }) => ({ id, title: panelTitle(id, title, strings) }));
  }

  /** Opens a panel as if a person had; says whether there is one of that id. */
  openPanel(id: string): boolean {
    if (!this.tabs.some((tab) => tab.id === id)) return false;
    if (id === this.panel) return true;
    this.panel = id;
    this.selected = "";
    this.dispatchEvent(consoleEvent("erl-panel-change", { panel: id }));
    return true;
  }

  /** Shows the shell below the open panel, with the focus in it, or hides it again; says whether there is a shell to show. */
  toggleDrawer(): boolean {
    if (!this.tabs.some(({ id }) => id === SHELL)) return false;
    this.drawer = !this.drawer;
    this.#wantsShell = this.drawer;
    if (this.drawer) {
      const active = this.shadowRoot?.activeElement;
      this.#beforeShell = active instanceof HTMLElement ? active : undefined;
    } else this.#beforeShell?.focus();
    return true;
  }

  /** Types a line into the shell, in its panel or below the open one, as soon as it runs; says whether there is one to show. */
  runInShell(line: string): boolean {
    if (!this.drawer && !this.openPanel(SHELL)) return false;
    this.#lines.push(line);
    this.requestUpdate();
    return true;
  }

  /** Selects something in the open panel, such as a process by its pid. */
  select(selected: string): void {
    this.selected = selected;
  }

  /** The element of a panel that has been opened. */
  panelElement(id: string): HTMLElement | undefined {
    return this.#panels.element(id);
  }

  exportState(): ConsoleState {
    const { node, panel, selected } = this;
    return { node, panel, selected };
  }

  /** The round trip of Erlang's own ping in milliseconds; undefined when there is no connection or no answer. */
  ping(): Promise<number | undefined> {
    return this.#facts.ping();
  }

  /** Opens the list of commands, or of what the keyboard does. */
  async openPalette(mode: "commands" | "keys" = "commands"): Promise<void> {
    const active = this.shadowRoot?.activeElement;
    const { ErlPalette, paletteFor } = await import("./commands.ts");
    // From here, so that it comes in one file with the element: each more is one more request before there is a console.
    define("erl-palette", ErlPalette);
    const palette = paletteFor(this, this.allStrings);
    await palette.open(mode, active instanceof HTMLElement ? active : undefined);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.hasUpdated && this.storageKey !== "") this.#restore();
    this.addEventListener("keydown", this.#key);
    this.#slotted = new MutationObserver(() => this.requestUpdate());
    this.#slotted.observe(this, { childList: true });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener("keydown", this.#key);
    this.#slotted?.disconnect();
  }

  protected override connectionChanged(): void {
    const { state } = this;
    if (state.type === "connected") this.#wasConnected = true;
    // A panel may have gone on to another node, and an outer connection has a node of its own.
    const { node } = this.connection.settings;
    if (node !== "" && state.type !== "disconnected") this.node = node;
    this.#facts?.follow(this.isConnected ? this.connection.remote : undefined);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    const tabs = tabsOf(this.panels, this.children);
    const open = tabs.find(({ id }) => id === this.panel) ?? tabs[0];
    if (open === undefined) return;
    this.panel = open.id;
    for (const { definition } of tabs) {
      if (this.#wasConnected && definition !== undefined && (definition.eager === true || this.#isShown(definition.id))) {
        void this.#panels.open(definition);
      }
    }
    this.#setPanels();
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    this.#showState();
    if (this.storageKey !== "" && CHOICES.some((name) => changed.has(name))) keepChoices(this.storageKey, this);
    if (this.panels + this.allow !== "" && (changed.has("panels") || changed.has("allow"))) void this.#lookForUnknown();
    // Its tag is that of the class.
    const shell = this.#panels.element(SHELL) as ErlShell | undefined;
    if (shell === undefined) return;
    for (const line of this.#lines.splice(0)) shell.run(line);
    if (this.#wantsShell) shell.focus();
    this.#wantsShell = false;
  }

  protected override render(): TemplateResult {
    const { state } = this;
    const settings = this.settings();
    const strings = stringsOf(this.allStrings);
    const figures = new Figures(langOf(this));
    const asking = state.type === "disconnected" || state.type === "failed";
    return html`
      <div part="console" class="console">
        ${
          this.withoutHeader
            ? nothing
            : headerView({
                state,
                node: this.node,
                facts: this.#facts.facts,
                readOnly: this.readOnly,
                strings,
                figures,
                ping: () => void this.ping(),
                disconnect: () => void this.disconnect(),
                openPalette: () => void this.openPalette(),
              })
        }
        ${statusView({ state, settings, strings, figures, reconnect: () => this.connection.reconnectNow() })}
        <slot name="empty" ?hidden=${this.#wasConnected}></slot>
        ${this._unknown ? html`<p part="failure" class="failure">${this._unknown}</p>` : nothing}
        ${asking ? connectForm(settings, { failedBefore: state.type === "failed", hasTicket: this.auth !== undefined, strings }, this.#answered) : nothing}
        ${this.#wasConnected ? this.#body(state, strings) : nothing}
        <slot name="footer"></slot>
      </div>
    `;
  }

  #body(state: ConnectionState, strings: FrameStrings): TemplateResult {
    const { tabs } = this;
    return html`
      <div class="body ${state.type === "connected" ? "" : "stale"}">
        ${this.withoutRail || tabs.length === 0 ? nothing : railView({ tabs, panel: this.panel, strings, open: (id) => this.openPanel(id) })}
        ${tabs.map(({ id, title }) => this.#panelView(id, title, strings))}
      </div>
    `;
  }

  #panelView(id: string, title: string, strings: FrameStrings): TemplateResult {
    const inDrawer = id !== this.panel && this.#isShown(id);
    const panel = this.#panels.opened.get(id);
    return html`
      <div
        part="panel ${inDrawer ? "drawer" : ""}"
        class="panel ${inDrawer ? "drawer" : ""}"
        role=${inDrawer ? "region" : "tabpanel"}
        id="panel-${id}"
        aria-label=${title}
        ?hidden=${!this.#isShown(id)}
        data-region
      >
        <slot name="panel-${id}"></slot>
        ${panel?.type === "loaded" ? panel.element : nothing}
        ${panel?.type === "loading" ? html`<p class="note" role="status">${strings.loadingPanel}</p>` : nothing}
        ${
          panel?.type === "failed"
            ? html`
                <div class="failure">
                  <strong>${strings.panelNotLoaded}</strong>
                  <p>${String(panel.error)}</p>
                  <button part="button" type="button" @click=${() => this.requestUpdate()}>${strings.tryAgain}</button>
                </div>
              `
            : nothing
        }
      </div>
    `;
  }

  #setPanels(): void {
    const { allow, readOnly, refresh, theme, density, cspNonce, redact, linkForMfa, columns, processFilter, to } = this;
    const all = { allow, readOnly, refresh, theme, density, cspNonce, redact, linkForMfa, ...(to === "" ? {} : { to }) };
    for (const [id, panel] of this.#panels.opened) {
      if (panel.type !== "loaded") continue;
      Object.assign(panel.element, all, { active: this.#isShown(id) });
      if (id === "processes") Object.assign(panel.element, { columns, processFilter });
      if (id === SHELL) {
        Object.assign(panel.element, { shell: this.shell }, this.mode === this.#mode ? {} : { mode: this.mode });
        this.#mode = this.mode;
      }
      if (id === this.panel) Object.assign(panel.element, { selected: this.selected });
    }
  }

  /** The open panel is, and the shell in the drawer. */
  #isShown(id: string): boolean {
    return id === this.panel || (this.drawer && id === SHELL);
  }

  /** What the page has said itself stands. */
  #restore(): void {
    const { panel, theme, density, drawer } = keptChoices(this.storageKey);
    if (this.panel === "" && panel !== undefined) this.panel = panel;
    if (this.theme === "auto" && theme !== undefined) this.theme = theme;
    if (this.density === "comfortable" && density !== undefined) this.density = density;
    if (!this.drawer && drawer !== undefined) this.drawer = drawer;
  }

  readonly #key = (event: KeyboardEvent): void => {
    const pressed = keysOf(event);
    const keys = this.keys?.[pressed] ?? pressed;
    const command = KEYS[keys];
    const isPlain = !/^(?:Ctrl|Alt|Shift)\+|^F\d/.test(pressed);
    if (command === undefined || event.defaultPrevented || (isPlain && isTyping(event))) return;
    if (isTaken(event) && !keys.endsWith("F6") && command !== "drawer") return;
    if (this.#run(command, keys)) event.preventDefault();
  };

  /** Says whether there was something to do. */
  #run(command: Command, keys: string): boolean {
    const panel = this.#panels.element(this.panel)?.shadowRoot ?? undefined;
    const root = this.shadowRoot;
    if (root === null) return false;
    if (command === "next-region" || command === "previous-region") moveToRegion(root, command === "next-region" ? 1 : -1);
    else if (command === "palette") void this.openPalette();
    else if (command === "help") void this.openPalette("keys");
    else if (command === "drawer") return this.toggleDrawer();
    else if (command === "filter") return focusFirst(panel, 'input[type="search"]');
    else if (command === "press") return pressFirst(panel, `button[data-key="${keys}"]`);
    else return this.openPanel(this.tabs[Number(command.slice(-1)) - 1]?.id ?? "");
    return true;
  }

  async #lookForUnknown(): Promise<void> {
    const { unknownWords } = await import("./unknown-words.ts");
    this._unknown = unknownWords(this, PANELS, this.allStrings);
  }

  readonly #answered = (answers: Answers): void => {
    Object.assign(this, answers);
    void this.connect();
  };

  /** For the page's style sheet: `erl-console:state(reconnecting)`. */
  #showState(): void {
    const states = this.#internals?.states;
    if (states === undefined) return;
    const { type } = this.state;
    states.clear();
    states.add(type === "waiting" ? "reconnecting" : type);
    if (this.readOnly) states.add("readonly");
  }
}

function focusFirst(root: ShadowRoot | undefined, selector: string): boolean {
  const [found] = root === undefined ? [] : deepAll(root, selector);
  found?.focus();
  return found !== undefined;
}

function pressFirst(root: ShadowRoot | undefined, selector: string): boolean {
  // The innermost: what was opened last.
  const found = root === undefined ? undefined : deepAll(root, selector).at(-1);
  found?.click();
  return found !== undefined;
}

declare global {
  interface HTMLElementTagNameMap {
    "erl-console": ErlConsole;
  }
}
