import type { Term } from "@erl-dist/core";
import { Words } from "../../words.ts";
import { type Redact, redactedText } from "../shown-term.ts";
import { PANEL_STRINGS, type PanelKey } from "../strings.ts";
import { MESSAGES_STRINGS, type MessagesKey } from "./strings.ts";

/** One line of the log: a message in either direction. */
export interface LogEntry {
  readonly id: number;
  readonly direction: "received" | "sent" | "answered";
  /** Received: our registered name. Sent: the name or the pid it went to. */
  readonly party: string;
  readonly at: Date;
  /** The message in Erlang's syntax. */
  readonly text: string;
  /** A call that waits for its answer. */
  readonly reply?: ((answer: Term) => void) | undefined;
}

/** Entries that the log keeps: a node that sends without end must not fill the page. */
export const LOG_ENTRIES = 500;
/** Characters that the log shows of one message. */
export const ENTRY_CHARACTERS = 20_000;

/** What was sent and what arrived, oldest first; the oldest make room for the newest. */
export class MessageLog {
  /** What is shown in the place of a message. */
  redact: Redact | undefined = undefined;
  /** In which to say what is no message. */
  words: Words<MessagesKey | PanelKey> = new Words("en", { ...PANEL_STRINGS, ...MESSAGES_STRINGS });
  #entries: readonly LogEntry[] = [];
  #lastId = 0;

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  add(direction: LogEntry["direction"], party: string, message: Term, reply?: (answer: Term) => void): void {
    const text = redactedText(message, this.redact, ENTRY_CHARACTERS, this.words);
    this.#entries = [
      ...this.#entries.slice(1 - LOG_ENTRIES),
      { id: ++this.#lastId, direction, party, at: new Date(), text, reply },
    ];
  }

  /** Answers the call of an entry, if it still waits. */
  answer(id: number, answer: Term): void {
    const entry = this.#entries.find((each) => each.id === id);
    if (entry?.reply === undefined) return;
    entry.reply(answer);
    this.#entries = this.#entries.map((each) => (each === entry ? { ...each, reply: undefined } : each));
    this.add("answered", this.words.say("messagesTheCall"), answer);
  }

  clear(): void {
    this.#entries = [];
  }
}
