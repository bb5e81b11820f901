// What all panels are: elements that take part in a connection, ask the node only while somebody looks, and change something
// there only where that is allowed.
import { type PropertyDeclarations, type PropertyValues, render } from "lit";
import { StyledElement } from "../styled-element.ts";
import { ConnectionWatcher } from "../connection/connection-watcher.ts";
import { CONNECTION_CONTEXT, consume, STRINGS_CONTEXT } from "../connection/context.ts";
import type { SharedConnection } from "../connection/shared-connection.ts";
import { type Action, consoleEvent, type Permission } from "../events.ts";
import type { RemoteNode } from "../remote/remote-node.ts";
import type { Strings } from "../strings.ts";
import { langOf } from "../units.ts";
import { type Table, Words } from "../words.ts";
import { messageOf, problemOf, problemView } from "./problem.ts";
import type { Redact } from "./shown-term.ts";
import { PANEL_STRINGS, type PanelKey } from "./strings.ts";

/** Where the source or the documentation of a function is; undefined for one that has no such page. */
export type LinkForMfa = (module: string, fun: string, arity: number) => string | undefined;

/** Those of a shell that the frame of the console has too go by another name there. */
const EXPORTED_PARTS =
  "toolbar, grid, tree, row, cell, detail, terminal, chart, dialog, button, button-primary, button-danger, input, badge, card, level, kind, link, messages, log, entry, send-form, tab: shell-tab, status: shell-status";

export class PanelElement extends StyledElement {
  static override properties: PropertyDeclarations = {
    connection: { attribute: false, noAccessor: true },
    active: { attribute: false },
    allow: { type: String },
    readOnly: { type: Boolean, attribute: "read-only" },
    refresh: { type: Number },
    selected: { type: String, reflect: true },
    cspNonce: { type: String, attribute: "csp-nonce" },
    theme: { type: String, reflect: true },
    density: { type: String, reflect: true },
    redact: { attribute: false },
    linkForMfa: { attribute: false },
    strings: { attribute: false },
  };

  /** Somebody can see the panel: one that is not active asks the node for nothing. */
  declare active: boolean;
  /** What may change something on the node, in words separated by spaces: `"kill send"`. Nothing by default. */
  declare allow: string;
  /** Nothing may, whatever `allow` says. */
  declare readOnly: boolean;
  /** Seconds between two looks at the node, if it can answer that fast at little cost. */
  declare refresh: number;
  /** What is selected in the panel, in a form that a link can hold. */
  declare selected: string;
  /** For style elements of libraries, where the page's policy asks for it. */
  declare cspNonce: string;
  /** `"light"`, `"dark"`, or `"auto"`: the color-scheme of the page around. */
  declare theme: "auto" | "light" | "dark";
  /** `"compact"`: less room around everything, for more rows. */
  declare density: "comfortable" | "compact";
  /**
   * Stands in for a term before it is shown: messages, states, dictionaries, objects of tables, what is traced, and the text of events of
   * the log. Not for what a shell prints.
   */
  declare redact: Redact | undefined;
  /** Makes links of the functions that are shown of a process or in a trace. */
  declare linkForMfa: LinkForMfa | undefined;
  /**
   * Words of the page's own, such as a translation; for those that it leaves out, the words of the element around this one, else ours.
   */
  declare strings: Strings | undefined;

  readonly #watcher: ConnectionWatcher = new ConnectionWatcher(this, () => this.#follow());
  #given: SharedConnection | undefined;
  #around: SharedConnection | undefined;
  #remote: RemoteNode | undefined;
  #stringsAround: Strings | undefined;
  #lang = "en";
  #words: { readonly from: readonly unknown[]; readonly words: Words<never> } | undefined;
  #told = "";

  constructor() {
    super();
    this.active = true;
    this.allow = "";
    this.readOnly = false;
    this.refresh = 2;
    this.selected = "";
    this.cspNonce = "";
    this.theme = "auto";
    this.density = "comfortable";
    consume(this, CONNECTION_CONTEXT, (connection) => {
      this.#around = connection;
      this.#watcher.connection = this.connection;
    });
    consume(this, STRINGS_CONTEXT, (strings) => {
      this.#stringsAround = strings;
      this.requestUpdate();
    });
  }

  /** The connection that was set, else that of the element around this one. */
  get connection(): SharedConnection | undefined {
    return this.#given ?? this.#around;
  }

  set connection(connection: SharedConnection | undefined) {
    this.#given = connection;
    this.#watcher.connection = this.connection;
  }

  /** The node on the other side, while there is a connection and the panel is in the document. */
  get remote(): RemoteNode | undefined {
    return this.#remote;
  }

  /** Whether something may be done to the node. */
  can(permission: Permission): boolean {
    return !this.readOnly && this.allow.split(/\s+/).includes(permission);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // A page styles them through the console around: erl-console::part(row).
    if (!this.hasAttribute("exportparts")) this.setAttribute("exportparts", EXPORTED_PARTS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // One that is only moved keeps what it has on the node.
    queueMicrotask(() => {
      if (!this.isConnected) this.#become(undefined);
    });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    if (changed.has("active")) this.activeChanged();
  }

  /** A function of the page's that throws is shown to be wrong in the panel, and goes no further. */
  protected override performUpdate(): void {
    this.#lang = langOf(this);
    try {
      super.performUpdate();
    } catch (error) {
      const again = (): void => this.requestUpdate();
      const words = this.wordsOf(PANEL_STRINGS);
      this.#tellOnce(words.say("panelFailed"), messageOf(error));
      const problem = problemView(words.say("panelFailed"), problemOf(error), words, this.#remote?.name, again);
      render(problem, this.renderRoot, this.renderOptions);
    }
  }

  /** What the panel says, of its own table and that of all panels. The same object, as long as neither words nor language change. */
  protected wordsOf<Key extends string>(table: Table<Key>): Words<Key | PanelKey> {
    const from = [table, this.strings, this.#stringsAround, this.#lang];
    if (this.#words === undefined || from.some((each, index) => each !== this.#words?.from[index])) {
      const all: Table<Key | PanelKey> = { ...PANEL_STRINGS, ...table };
      this.#words = { from, words: new Words(this.#lang, all, { ...this.#stringsAround, ...this.strings }) };
    }
    // Made of this table, as just compared.
    return this.#words.words;
  }

  /** Not with each look at the node. */
  #tellOnce(title: string, detail: string): void {
    if (detail === this.#told) return;
    this.#told = detail;
    const hint = "It may be a function of the page's that throws: processFilter, linkForMfa, or one of its columns.";
    const values = { bridge: "", node: this.#remote?.name ?? "", name: "", message: detail };
    const failure = { code: "panel_failed", title, detail, hint, passing: false, words: "unexplained", values } as const;
    this.dispatchEvent(consoleEvent("erl-error", { failure }));
  }

  /** There is a connection. Another one after each loss: nothing of the last one is left on the node. */
  protected nodeUp(_remote: RemoteNode): void {}

  /** The connection has gone, or the panel has left the document. */
  protected nodeDown(_remote: RemoteNode): void {}

  protected activeChanged(): void {}

  /** Does something to the node, unless the page around prevents it, and tells that it was done. */
  protected async act(permission: Permission, target: string, run: () => void | Promise<void>): Promise<boolean> {
    const remote = this.#remote;
    if (remote === undefined || !this.can(permission)) return false;
    const action: Action = { permission, target, node: remote.name };
    if (!this.dispatchEvent(consoleEvent("erl-before-action", action))) return false;
    await run();
    this.dispatchEvent(consoleEvent("erl-action", action));
    return true;
  }

  protected select(selected: string): void {
    if (selected === this.selected) return;
    this.selected = selected;
    this.dispatchEvent(consoleEvent("erl-select", { selected }));
  }

  #follow(): void {
    this.#become(this.isConnected ? this.connection?.remote : undefined);
  }

  #become(remote: RemoteNode | undefined): void {
    const before = this.#remote;
    if (before === remote) return;
    this.#remote = remote;
    if (before !== undefined) this.nodeDown(before);
    if (remote !== undefined) this.nodeUp(remote);
    this.requestUpdate();
  }
}
