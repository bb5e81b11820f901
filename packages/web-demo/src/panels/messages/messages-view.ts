import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Words } from "../../words.ts";
import type { PanelKey } from "../strings.ts";
import type { LogEntry } from "./message-log.ts";
import type { MessagesKey } from "./strings.ts";

export interface MessagesModel {
  readonly words: Words<MessagesKey | PanelKey>;
  readonly entries: readonly LogEntry[];
  /** An Erlang expression that sends to this page; undefined while there is no connection. */
  readonly expression: string | undefined;
  readonly copied: boolean;
  readonly copy: (text: string) => void;
  readonly clear: () => void;
  /** Asks for the answer to a call. */
  readonly answer: (entry: LogEntry) => void;
}

/** What was sent and what arrived, the newest last. */
export function messagesView(model: MessagesModel): TemplateResult {
  const { words } = model;
  return html`
    <section part="messages" class="messages" aria-labelledby="messages-title">
      <div class="messages-head">
        <p class="title" id="messages-title">${words.say("messages")}</p>
        <button part="button" type="button" ?disabled=${model.entries.length === 0} @click=${model.clear}>${words.say("clear")}</button>
      </div>
      <div part="log" class="log" role="log" tabindex="0" aria-labelledby="messages-title">
        ${
          model.entries.length === 0
            ? html`<p class="empty">${words.say("messagesNone")}</p>`
            : html`<ol>${repeat(
                model.entries,
                (entry) => entry.id,
                (entry) => entryView(entry, model),
              )}</ol>`
        }
      </div>
      ${model.expression === undefined ? nothing : invitation(model.expression, model)}
    </section>
  `;
}

function invitation(expression: string, model: MessagesModel): TemplateResult {
  return html`
    <p class="invitation">
      <span>${model.words.say("messagesFromErlang")}</span> <code>${expression}</code>
      <button part="button" type="button" @click=${() => model.copy(expression)}>${model.words.say(model.copied ? "messagesCopied" : "copy")}</button>
    </p>
  `;
}

const WAYS = { received: "messagesReceived", sent: "messagesSent", answered: "messagesAnswered" } as const satisfies Record<
  LogEntry["direction"],
  MessagesKey
>;

function entryView(entry: LogEntry, model: MessagesModel): TemplateResult {
  const { words } = model;
  const way = words.say(entry.reply === undefined ? WAYS[entry.direction] : "messagesCalled");
  return html`
    <li part="entry" class="entry ${entry.direction}">
      <time datetime=${entry.at.toISOString()}>${words.time(entry.at)}</time>
      <span class="party"><span class="way">${way}</span> ${entry.party}</span>
      <code class="term">${entry.text}</code>
      ${
        entry.reply === undefined
          ? nothing
          : html`<button part="button" type="button" class="answer" @click=${() => model.answer(entry)}>${words.say("messagesAnswer")}</button>`
      }
    </li>
  `;
}
