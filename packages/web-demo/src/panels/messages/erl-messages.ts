import { Atom, equals, format, genServer, Pid, pg, type ProcessGroups, type Term, tuple } from "@erl-dist/core";
import { type CSSResult, html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { REGISTERED_NAME } from "../../connection/session.ts";
import type { SharedConnection } from "../../connection/shared-connection.ts";
import { controls } from "../../controls.ts";
import type { RemoteNode } from "../../remote/remote-node.ts";
import { tokens } from "../../tokens.ts";
import type { Words } from "../../words.ts";
import { ActionDialog } from "../action-dialog.ts";
import { PanelElement } from "../panel-element.ts";
import { panelStyles } from "../panel-styles.ts";
import { messageOf } from "../problem.ts";
import { PANEL_STRINGS, type PanelKey } from "../strings.ts";
import { readTyped, termInput } from "../term-input.ts";
import { ToldError } from "../../told-error.ts";
import { groupsView } from "./groups-view.ts";
import { type LogEntry, MessageLog } from "./message-log.ts";
import { messagesView } from "./messages-view.ts";
import { type Outgoing, sendForm } from "./send-form.ts";
import { MESSAGES_STRINGS, type MessagesKey } from "./strings.ts";
import { styles } from "./styles.ts";

type MessagesWords = Words<MessagesKey | PanelKey>;

const COPIED_MS = 2_000;
/** So near to its end the log counts as read to the end. */
const FOLLOWING_PIXELS = 24;
/** Names that are offered; more would help nobody to choose. */
const OFFERED_NAMES = 1_000;
const PG_SCOPE = "pg";

/**
 * Sends terms to registered names and pids, shows what Erlang sends to `{console, Node}`, answers its calls, and joins process
 * groups.
 *
 * @csspart send-form
 * @csspart messages
 * @csspart log
 * @csspart entry
 * @csspart button
 * @csspart input
 * @customElement erl-messages
 */
export class ErlMessages extends PanelElement {
  static override properties: PropertyDeclarations = {
    to: { type: String },
    _text: { state: true },
    _group: { state: true },
    _answer: { state: true },
    _names: { state: true },
    _problem: { state: true },
    _copied: { state: true },
  };

  /** The registered name that the send form begins with. */
  declare to: string;

  declare private _text: string;
  declare private _group: string;
  declare private _answer: string;
  declare private _names: readonly string[];
  declare private _problem: ((words: MessagesWords) => string) | undefined;
  declare private _copied: boolean;

  readonly #log: MessageLog = new MessageLog();
  readonly #dialog: ActionDialog = new ActionDialog(this);
  #following = true;
  #heard: SharedConnection | undefined;
  #groups: ProcessGroups | undefined;

  static override styles: CSSResult[] = [tokens, controls, panelStyles, styles];

  constructor() {
    super();
    this.to = "";
    this._text = "";
    this._group = "";
    this._answer = "";
    this._names = [];
    this._copied = false;
  }

  protected override nodeUp(): void {
    this.#log.redact = this.redact;
    this.nodeDown();
    const { connection } = this;
    this.#heard = connection;
    this.#exchanged();
    connection?.addEventListener("message", this.#exchanged);
    connection?.addEventListener("sent", this.#exchanged);
  }

  protected override nodeDown(): void {
    this.#heard?.removeEventListener("message", this.#exchanged);
    this.#heard?.removeEventListener("sent", this.#exchanged);
    this.#heard = undefined;
    this.#groups?.stop();
    this.#groups = undefined;
  }

  get #words(): MessagesWords {
    return this.wordsOf(MESSAGES_STRINGS);
  }

  protected override update(changed: PropertyValues<this>): void {
    this.#log.redact = this.redact;
    this.#log.words = this.#words;
    // The newest message stays in view, unless the reader has scrolled up.
    const log = this.renderRoot.querySelector(".log");
    this.#following = log === null || log.scrollHeight - log.scrollTop - log.clientHeight < FOLLOWING_PIXELS;
    super.update(changed);
  }

  protected override updated(): void {
    const log = this.renderRoot.querySelector(".log");
    if (log !== null && this.#following) log.scrollTop = log.scrollHeight;
  }

  protected override render(): TemplateResult {
    const words = this.#words;
    const name = this.remote?.local.name;
    const connected = name !== undefined;
    return html`
      <div class="body ${this.can("send") ? "" : "without-sending"}">
        ${
          this.can("send")
            ? html`<div class="side" data-region>
                ${sendForm({
                  to: this.to,
                  text: this._text,
                  names: this._names,
                  problem: this._problem?.(words),
                  words,
                  connected,
                  typed: (text) => (this._text = text),
                  askForNames: () => void this.#askForNames(),
                  send: (outgoing) => void this.#sendTyped(outgoing),
                })}
                ${this.#groupsSection(connected, words)}
              </div>`
            : nothing
        }
        ${messagesView({
          words,
          entries: this.#log.entries,
          expression: name === undefined ? undefined : `{${REGISTERED_NAME}, '${name}'} ! hello.`,
          copied: this._copied,
          copy: (text) => void this.#copy(text),
          clear: () => {
            this.#log.clear();
            this.requestUpdate();
          },
          answer: this.#askForAnswer,
        })}
      </div>
      ${this.#dialog.view(words)}
    `;
  }

  #groupsSection(connected: boolean, words: MessagesWords): TemplateResult {
    const known = this.#groups;
    const own = this.connection?.inbox?.pid;
    return html`
      <details class="pg" @toggle=${this.#openGroups}>
        <summary>${words.say("messagesGroups")}</summary>
        ${
          known === undefined
            ? html`<p class="muted">${words.say("notConnected")}</p>`
            : groupsView({
                words,
                groups: known.groups().map((group) => {
                  const members = known.members(group);
                  const joined = own !== undefined && members.some((member) => equals(member, own));
                  return { group, members: members.length, joined };
                }),
                text: this._group,
                connected,
                typed: (text) => (this._group = text),
                join: (group) => this.#changeGroup("join", group),
                leave: (group) => this.#changeGroup("leave", group),
              })
        }
      </details>
    `;
  }

  /** Our own scope is started with the first look at groups: it tells the node's of us. */
  readonly #openGroups = (event: Event): void => {
    const { remote } = this;
    if (!(event.currentTarget as HTMLDetailsElement).open || remote === undefined || this.#groups !== undefined) return;
    const groups = pg(remote.local, PG_SCOPE);
    groups.addEventListener("join", () => this.requestUpdate());
    groups.addEventListener("leave", () => this.requestUpdate());
    this.#groups = groups;
    this.requestUpdate();
  };

  #changeGroup(change: "join" | "leave", group: Term): void {
    const inbox = this.connection?.inbox;
    if (inbox === undefined) return;
    void this.act("send", `${change} ${format(group, { limit: 200 })}`, () => {
      if (change === "join") this.#groups?.join(group, inbox);
      else this.#groups?.leave(group, inbox);
      this._group = "";
      this.requestUpdate();
    });
  }

  readonly #exchanged = (): void => {
    for (const { direction, party, message, reply } of this.#heard?.takeUnread() ?? []) {
      this.#log.add(direction, party, message, reply);
    }
    this.requestUpdate();
  };

  readonly #askForAnswer = (entry: LogEntry): void => {
    const { remote } = this;
    if (remote === undefined) return;
    const words = this.#words;
    this._answer = "ok";
    this.#dialog.ask({
      title: words.say("messagesAnswerTitle"),
      detail: words.say("messagesAnswerDetail", { call: entry.text.slice(0, 200) }),
      verb: words.say("messagesAnswerVerb"),
      node: remote.name,
      fields: () =>
        termInput({
          name: "answer",
          id: "answer",
          label: words.say("messagesAnswerTerm"),
          words,
          text: this._answer,
          input: (text) => (this._answer = text),
        }),
      confirmed: () => {
        const typed = readTyped(this._answer);
        if (typed.type !== "term") return false;
        this.#log.answer(entry.id, typed.term);
        this.requestUpdate();
        return true;
      },
    });
  };

  async #sendTyped({ to, shape, text }: Outgoing): Promise<void> {
    const typed = readTyped(text);
    const { remote, connection } = this;
    const self = connection?.inbox?.pid;
    this._problem = typed.type === "empty" ? (words: MessagesWords) => words.say("messagesNoTerm") : undefined;
    if (typed.type !== "term" || remote === undefined || connection === undefined || self === undefined) return;
    // What is sent is what the form showed, whatever is typed while the pid is asked for.
    this.to = to;
    try {
      const destination = await destinationOf(remote, to);
      await this.act("send", to, async () => {
        this._text = "";
        if (shape === "call") await this.#call(remote, destination, to, typed.term);
        else connection.send(destination, shape === "with_self" ? tuple(self, typed.term) : typed.term);
      });
    } catch (error) {
      this._problem = (words) => messageOf(error, words);
    }
  }

  async #call(remote: RemoteNode, destination: string | Pid, to: string, request: Term): Promise<void> {
    this.#log.add("sent", to, request);
    this.requestUpdate();
    const server = typeof destination === "string" ? { name: destination, node: remote.name } : destination;
    const answer = await genServer.call(remote.local.spawn(), server, request);
    this.#log.add("received", this.#words.say("messagesTheCaller"), answer);
    this.requestUpdate();
  }

  async #askForNames(): Promise<void> {
    try {
      const names = await this.remote?.call("erlang", "registered", []);
      const known = (Array.isArray(names) ? names : []).flatMap((each) => (each instanceof Atom ? [each.name] : []));
      this._names = known.toSorted().slice(0, OFFERED_NAMES);
    } catch {
      // Names are an offer; whoever types one needs none.
    }
  }

  async #copy(text: string): Promise<void> {
    await navigator.clipboard.writeText(text);
    this._copied = true;
    setTimeout(() => (this._copied = false), COPIED_MS);
  }
}

/** A registered name, or the pid that `<0.123.0>` means on the node. */
async function destinationOf(remote: RemoteNode, to: string): Promise<string | Pid> {
  if (!to.startsWith("<")) return to;
  const pid = await remote.call("erlang", "list_to_pid", [Array.from(to, (each) => each.charCodeAt(0))]);
  if (!(pid instanceof Pid)) throw new ToldError(PANEL_STRINGS, "notPid", { text: to, node: remote.name });
  return pid;
}

declare global {
  interface HTMLElementTagNameMap {
    "erl-messages": ErlMessages;
  }
}
