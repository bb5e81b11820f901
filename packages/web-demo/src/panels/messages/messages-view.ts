import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { LogEntry } from "./message-log.ts";

export interface MessagesModel {
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
  return html`
    <section part="messages" class="messages" aria-labelledby="messages-title">
      <div class="messages-head">
        <p class="title" id="messages-title">Messages</p>
        <button part="button" type="button" ?disabled=${model.entries.length === 0} @click=${model.clear}>Clear</button>
      </div>
      <div part="log" class="log" role="log" tabindex="0" aria-labelledby="messages-title">
        ${
          model.entries.length === 0
            ? html`<p class="empty">Nothing yet. What Erlang sends to this page appears here.</p>`
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
      <span>From Erlang:</span> <code>${expression}</code>
      <button part="button" type="button" @click=${() => model.copy(expression)}>${model.copied ? "Copied" : "Copy"}</button>
    </p>
  `;
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

const WAYS: Readonly<Record<LogEntry["direction"], string>> = { received: "received by", sent: "sent to", answered: "answered" };

function entryView(entry: LogEntry, model: MessagesModel): TemplateResult {
  const way = entry.reply === undefined ? WAYS[entry.direction] : "called";
  return html`
    <li part="entry" class="entry ${entry.direction}">
      <time datetime=${entry.at.toISOString()}>${TIME.format(entry.at)}</time>
      <span class="party"><span class="way">${way}</span> ${entry.party}</span>
      <code class="term">${entry.text}</code>
      ${
        entry.reply === undefined
          ? nothing
          : html`<button part="button" type="button" class="answer" @click=${() => model.answer(entry)}>Answer…</button>`
      }
    </li>
  `;
}
