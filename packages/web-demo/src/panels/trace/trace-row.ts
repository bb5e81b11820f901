// Trace messages as rows: what happened, to which function, with which terms, and which return belongs to which call.
import { Atom, atom, format, Pid, type Term, Tuple } from "@erl-dist/core";
import { localPid } from "../processes/process-row.ts";
import { type Redact, redactedText } from "../shown-term.ts";
import type { TraceWords } from "./trace-words.ts";
import type { TraceMessage } from "./trace.ts";

export type TraceKind =
  | "call"
  | "return"
  | "exception"
  | "send"
  | "receive"
  | "spawn"
  | "exit"
  | "link"
  | "name"
  | "gap"
  | "note";

export interface Mfa {
  readonly module: string;
  readonly fun: string;
  readonly arity: number;
}

/** A term of a message, and what it is in it. */
export interface Part {
  readonly title: string;
  readonly term: Term;
  /** Too large to be sent: then the term is not here. */
  readonly largeBytes?: number;
}

export interface TraceRow {
  readonly id: number;
  readonly time: string;
  /** As the node prints it. */
  readonly pid: string;
  readonly kind: TraceKind;
  /** What it says in one line. */
  text: string;
  readonly mfa: Mfa | undefined;
  readonly caller: Mfa | undefined;
  readonly parts: readonly Part[];
  /** How long the call took, in microseconds, where times are known. */
  readonly tookMicros: number | undefined;
  /** The call of a return, or, once it has come, the return of a call. */
  partner: TraceRow | undefined;
  readonly bytes: number;
  /** Not all of it was loaded. */
  readonly isCut: boolean;
}

/** What is shown of a message at first, and of a term of it when it is opened. */
const LINE_CHARACTERS = 300;
const WHOLE_CHARACTERS = 500_000;

/** Calls that wait for their returns, of one process. Where a return never comes those below it would stay. */
const MOST_OPEN = 1_000;

interface Open {
  readonly row: TraceRow;
  readonly micros: number | undefined;
}

/** What of an event there is to show, before anything is text. */
interface Event {
  readonly kind: TraceKind;
  readonly mfa?: Mfa | undefined;
  readonly parts: readonly Part[];
  readonly text: (parts: readonly string[]) => string;
}

export class TraceRows {
  readonly #events = new WeakMap<TraceRow, Event>();
  /** By pid. */
  readonly #open = new Map<string, Open[]>();
  #lastId = 0;

  row({ message, bytes: size, isCut }: TraceMessage, redact: Redact | undefined, words: TraceWords): TraceRow {
    const [tag, from, name, ...rest] = message.elements;
    const micros = tag instanceof Atom && tag.name === "trace_ts" ? microsOf(rest.pop()) : undefined;
    const found = eventOf(name instanceof Atom ? name.name : "", rest, words);
    const event = isCut ? { ...found, parts: found.parts.map(sized) } : found;
    const pid = from instanceof Pid ? localPid(from) : "";
    const call = event.kind === "return" || event.kind === "exception" ? this.#close(pid, event.mfa) : undefined;
    const took = micros === undefined || call?.micros === undefined ? undefined : Math.max(0, micros - call.micros);
    const row: TraceRow = {
      id: ++this.#lastId,
      time: timeText(micros ?? Date.now() * 1_000),
      pid,
      kind: event.kind,
      text: lineOf(event, redact, words),
      mfa: event.mfa,
      // The match specification puts it behind the call.
      caller: event.kind === "call" ? mfaOf(rest[1]) : undefined,
      parts: event.parts,
      tookMicros: took,
      partner: call?.row,
      bytes: size,
      isCut,
    };
    this.#events.set(row, event);
    if (call !== undefined) call.row.partner = row;
    if (event.kind === "call") this.#push(pid, { row, micros });
    return row;
  }

  /** What happened to the trace itself. A gap: messages are missing behind it. */
  note(kind: "gap" | "note", text: string): TraceRow {
    const none = { pid: "", mfa: undefined, caller: undefined, parts: [], tookMicros: undefined, partner: undefined };
    return { ...none, id: ++this.#lastId, time: timeText(Date.now() * 1_000), kind, text, bytes: 0, isCut: false };
  }

  /** Makes the text of a row anew, after the page has said what is to be redacted. */
  redact(row: TraceRow, redact: Redact | undefined, words: TraceWords): void {
    const event = this.#events.get(row);
    if (event !== undefined) row.text = lineOf(event, redact, words);
  }

  /** What comes belongs to another trace. */
  restart(): void {
    this.#open.clear();
  }

  #push(pid: string, open: Open): void {
    const calls = this.#open.get(pid) ?? [];
    calls.push(open);
    if (calls.length > MOST_OPEN) calls.shift();
    this.#open.set(pid, calls);
  }

  /** The innermost call of that function; those inside it will not return any more. */
  #close(pid: string, mfa: Mfa | undefined): Open | undefined {
    const calls = this.#open.get(pid);
    const index = calls?.findLastIndex(({ row }) => mfa !== undefined && mfaText(row.mfa) === mfaText(mfa)) ?? -1;
    return index < 0 ? undefined : calls?.splice(index)[0];
  }
}

export function mfaText(mfa: Mfa | undefined): string {
  return mfa === undefined ? "" : `${nameText(mfa)}/${mfa.arity}`;
}

/** A term of an opened row, whole. */
export function partText(
  { term, largeBytes }: Part,
  redact: Redact | undefined,
  words: TraceWords,
  characters: number = WHOLE_CHARACTERS,
): string {
  if (largeBytes !== undefined) return words.say("termNotLoaded", { size: words.bytes(largeBytes) });
  return redactedText(term, redact, characters, words);
}

/** `12 µs`, `3.4 ms`, `1.2 s`. */
export function tookText(micros: number): string {
  if (micros < 1_000) return `${micros} µs`;
  return micros < 1_000_000 ? `${(micros / 1_000).toFixed(1)} ms` : `${(micros / 1_000_000).toFixed(1)} s`;
}

/** The elements after the kind; `{trace, Pid, call, {M, F, Args}}` has one. */
function eventOf(name: string, rest: readonly Term[], words: TraceWords): Event {
  const [first = 0, second = 0] = rest;
  const mfa = mfaOf(first);
  switch (name) {
    case "call":
      return called("call", first, words);
    case "return_from":
      return {
        kind: "return",
        mfa,
        parts: [{ title: words.say("traceValue"), term: second }],
        text: ([value]) => `${mfaText(mfa)} → ${value}`,
      };
    case "exception_from": {
      const [kind, reason] = second instanceof Tuple ? second.elements : [];
      return {
        kind: "exception",
        mfa,
        parts: [{ title: words.say("traceReason"), term: reason ?? second }],
        text: ([why]) => `${mfaText(mfa)} ${kind instanceof Atom ? kind.name : ""}: ${why}`,
      };
    }
    case "send":
    case "send_to_non_existing_process":
      return {
        kind: "send",
        parts: [{ title: words.say("traceMessage"), term: first }],
        text: ([sent]) => `${sent} → ${referenceText(second)}`,
      };
    case "receive":
      return {
        kind: "receive",
        parts: [{ title: words.say("traceMessage"), term: first }],
        text: ([received]) => received ?? "",
      };
    case "spawn":
      return called("spawn", second, words, `${referenceText(first)} runs `);
    case "spawned":
      return called("spawn", second, words, `by ${referenceText(first)}, runs `);
    case "exit":
      return { kind: "exit", parts: [{ title: words.say("traceReason"), term: first }], text: ([why]) => why ?? "" };
    case "register":
    case "unregister":
      return { kind: "name", parts: [], text: () => `${name} ${referenceText(first)}` };
    default:
      // link, unlink, getting_linked, getting_unlinked
      return { kind: "link", parts: [], text: () => `${name.replaceAll("_", " ")} ${referenceText(first)}` };
  }
}

/** `{M, F, Args}`; of one that was too large only the arity. */
function called(kind: "call" | "spawn", term: Term, words: TraceWords, before = ""): Event {
  const args = term instanceof Tuple ? term.at(2) : undefined;
  const mfa = mfaOf(term);
  if (!Array.isArray(args) || mfa === undefined) return { kind, mfa, parts: [], text: () => `${before}${mfaText(mfa)}` };
  return {
    kind,
    mfa,
    parts: args.map((each, index) => ({ title: words.say("traceArgument", { index: String(index + 1) }), term: each })),
    text: (shown) => `${before}${nameText(mfa)}(${shown.join(", ")})`,
  };
}

function mfaOf(term: Term | undefined): Mfa | undefined {
  if (!(term instanceof Tuple) || term.length !== 3) return undefined;
  const [module, fun, args] = term.elements;
  if (!(module instanceof Atom && fun instanceof Atom)) return undefined;
  const arity = typeof args === "number" ? args : Array.isArray(args) ? args.length : undefined;
  return arity === undefined ? undefined : { module: module.name, fun: fun.name, arity };
}

function nameText({ module, fun }: Mfa): string {
  return `${format(atom(module))}:${format(atom(fun))}`;
}

function lineOf({ parts, text }: Event, redact: Redact | undefined, words: TraceWords): string {
  return text(parts.map((part) => partText(part, redact, words, LINE_CHARACTERS)));
}

/** `{large, Bytes}` stands for what the node did not send. */
function sized(part: Part): Part {
  const { term } = part;
  const isLarge = term instanceof Tuple && term.length === 2 && term.at(0) === atom("large");
  return isLarge ? { ...part, largeBytes: Number(term.at(1)) } : part;
}

function referenceText(term: Term): string {
  return term instanceof Pid ? localPid(term) : format(term, { limit: LINE_CHARACTERS });
}

/** `{Mega, Seconds, Micros}` */
function microsOf(term: Term | undefined): number | undefined {
  if (!(term instanceof Tuple)) return undefined;
  const [mega, seconds, micros] = term.elements.map(Number) as [number, number, number];
  return (mega * 1_000_000 + seconds) * 1_000_000 + micros;
}

/** In UTC, as in the log. */
function timeText(micros: number): string {
  const millis = new Date(Math.floor(micros / 1_000)).toISOString().slice(11, 23);
  return `${millis}${String(micros % 1_000).padStart(3, "0")}`;
}
