import { parse, tuple } from "@erl-dist/core";
import { type CSSResult, html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { REGISTERED_NAME, type SharedConnection } from "../../connection/shared-connection.ts";
import { controls } from "../../controls.ts";
import { tokens } from "../../tokens.ts";
import { PanelElement } from "../panel-element.ts";
import { MessageLog } from "./message-log.ts";
import { messagesView } from "./messages-view.ts";
import { type Outgoing, sendForm } from "./send-form.ts";
import { styles } from "./styles.ts";

const COPIED_MS = 2_000;
/** So near to its end the log counts as read to the end. */
const FOLLOWING_PIXELS = 24;

/**
 * Sends terms to registered names, and shows what Erlang sends to `{console, Node}`.
 *
 * @csspart send-form messages log entry button input
 */
export class ErlMessages extends PanelElement {
  static override styles: CSSResult[] = [tokens, controls, styles];

  static override properties: PropertyDeclarations = {
    to: { type: String },
    _problem: { state: true },
    _copied: { state: true },
  };

  /** The registered name that the send form begins with. */
  declare to: string;

  declare private _problem: string | undefined;
  declare private _copied: boolean;

  readonly #log: MessageLog = new MessageLog();
  #following = true;
  #heard: SharedConnection | undefined;

  constructor() {
    super();
    this.to = "";
    this._copied = false;
  }

  protected override nodeUp(): void {
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
  }

  protected override update(changed: PropertyValues<this>): void {
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
    const name = this.remote?.local.name;
    return html`
      <div class="body ${this.can("send") ? "" : "without-sending"}">
        ${this.can("send") ? sendForm({ to: this.to, problem: this._problem, connected: name !== undefined, send: this.#sendTyped }) : nothing}
        ${messagesView({
          entries: this.#log.entries,
          expression: name === undefined ? undefined : `{${REGISTERED_NAME}, '${name}'} ! hello.`,
          copied: this._copied,
          copy: (text) => void this.#copy(text),
          clear: () => {
            this.#log.clear();
            this.requestUpdate();
          },
        })}
      </div>
    `;
  }

  readonly #exchanged = (): void => {
    for (const { direction, party, message } of this.#heard?.takeUnread() ?? []) this.#log.add(direction, party, message);
    this.requestUpdate();
  };

  readonly #sendTyped = ({ to, shape, text }: Outgoing): boolean => {
    this._problem = undefined;
    try {
      const term = parse(text);
      const self = this.connection?.inbox?.pid;
      const message = shape === "with_self" && self !== undefined ? tuple(self, term) : term;
      void this.act("send", to, () => void this.connection?.send(to, message));
      return true;
    } catch (error) {
      this._problem = error instanceof Error ? error.message : String(error);
      return false;
    }
  };

  async #copy(text: string): Promise<void> {
    await navigator.clipboard.writeText(text);
    this._copied = true;
    setTimeout(() => (this._copied = false), COPIED_MS);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "erl-messages": ErlMessages;
  }
}
