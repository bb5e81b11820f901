// The node's log, by OTP's own handler for files and devices whose device is a process of ours. Fields come between characters that
// OTP's formatter takes as part of its template and that no message has at its start. The handler goes when the tab goes: a dead man
// removes it.
import { Atom, atom, charlist, map, Pid, type Process, type Term, text, Tuple, tuple } from "@erl-dist/core";
import type { DeadMan } from "../../remote/dead-men.ts";
import type { RemoteFunction } from "../../remote/remote-function.ts";
import type { RemoteNode } from "../../remote/remote-node.ts";

export const LEVELS = ["emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"] as const;
export type Level = (typeof LEVELS)[number];

export interface LogRecord {
  readonly time: string;
  readonly level: Level;
  readonly pid: string;
  readonly mfa: string;
  readonly line: string;
  readonly domain: string;
  readonly message: string;
  /** The node's own word that events are missing here. */
  readonly isGap: boolean;
}

/** A console takes the first that is free: names made up for each would stay on the node as atoms. */
const HANDLER_IDS = Array.from({ length: 8 }, (_, index) => `erl_console_${index + 1}`);

// erl_scan and io_lib:printable_unicode_list/1 know these two; logger refuses a template with others.
const RECORD = "\f";
const FIELD = "\v";
const FIELDS = ["time", "level", "pid", "mfa", "line", "domain", "msg"] as const;

const OK = atom("ok");

/** Events that wait for us before the node drops some; and how many it takes in a second. */
const QUEUE_LENGTH = 200;
const FLUSH_LENGTH = 1_000;
const BURST_EVENTS = 10_000;
const BURST_WINDOW_MS = 1_000;

export class LogStream {
  readonly #remote: RemoteNode;
  readonly #device: Process;
  readonly #id: string;
  #deadMan: DeadMan;
  /** The node's level before it was changed from here. */
  #levelBefore: Term | undefined;

  private constructor(remote: RemoteNode, device: Process, id: string, deadMan: DeadMan) {
    this.#remote = remote;
    this.#device = device;
    this.#id = id;
    this.#deadMan = deadMan;
  }

  /** Adds the handler. Rejects with a CallError, or an Error when all places are taken. */
  static async open(remote: RemoteNode, level: Level | "all", received: (record: LogRecord) => void): Promise<LogStream> {
    const device = remote.local.spawn((self) => serve(self, remote, received));
    try {
      for (const id of HANDLER_IDS) {
        // Armed first, so that there is no moment in which the handler could stay behind.
        const deadMan = await remote.deadMan([removal(id)]);
        const added = await remote.call("logger", "add_handler", [
          atom(id),
          atom("logger_std_h"),
          configuration(device.pid, level),
        ]);
        if (added === OK) return new LogStream(remote, device, id, deadMan);
        deadMan.disarm();
        if (!isTaken(added)) throw new Error(`the node takes no log handler: ${String(added)}`);
      }
      throw new Error(`all ${HANDLER_IDS.length} places for consoles in the node's log are taken`);
    } catch (error) {
      device.exit(atom("normal"));
      throw error;
    }
  }

  /** The level of our handler: what is below is not sent. */
  async setLevel(level: Level | "all"): Promise<void> {
    await this.#remote.call("logger", "set_handler_config", [atom(this.#id), atom("level"), atom(level)]);
  }

  /** The node's own level, for all handlers: what is below is not even made. */
  async primaryLevel(): Promise<string> {
    const config = await this.#remote.call("logger", "get_primary_config", []);
    return String(config instanceof Object && "get" in config ? config.get(atom("level")) : "");
  }

  /** Changes that for everybody. When this stream ends, or the tab goes, the node has the old one again. */
  async setPrimaryLevel(level: Level | "all"): Promise<void> {
    if (this.#levelBefore === undefined) {
      const before = atom(await this.primaryLevel());
      // One dead man for both: logger loses a change of the level that is made while it removes a handler.
      const deadMan = await this.#remote.deadMan([removal(this.#id), levelChange(before)]);
      this.#deadMan.disarm();
      this.#deadMan = deadMan;
      this.#levelBefore = before;
    }
    await this.#remote.call(...levelChange(atom(level)));
  }

  /** Removes the handler, and gives the node its level back. */
  async close(): Promise<void> {
    try {
      if (!this.#remote.isConnected) return;
      await this.#remote.call(...removal(this.#id));
      if (this.#levelBefore !== undefined) await this.#remote.call(...levelChange(this.#levelBefore));
      this.#deadMan.disarm();
    } catch {
      // The connection has gone, and the dead man does it.
    } finally {
      this.#device.exit(atom("normal"));
    }
  }
}

function removal(id: string): RemoteFunction {
  return ["logger", "remove_handler", [atom(id)]];
}

function levelChange(level: Term): RemoteFunction {
  return ["logger", "set_primary_config", [atom("level"), level]];
}

function configuration(device: Pid, level: Level | "all"): Term {
  const template = [charlist(RECORD), ...FIELDS.flatMap((field) => [atom(field), charlist(FIELD)]).slice(0, -1), charlist("\n")];
  return map({
    level: atom(level),
    filter_default: atom("log"),
    filters: [],
    formatter: tuple(atom("logger_formatter"), map({ template, single_line: false, time_offset: charlist("Z") })),
    config: map({
      type: tuple(atom("device"), device),
      sync_mode_qlen: QUEUE_LENGTH,
      drop_mode_qlen: QUEUE_LENGTH,
      flush_qlen: FLUSH_LENGTH,
      burst_limit_enable: true,
      burst_limit_max_count: BURST_EVENTS,
      burst_limit_window_time: BURST_WINDOW_MS,
    }),
  });
}

/** `{error, {already_exist, Id}}` */
function isTaken(result: Term): boolean {
  const reason = result instanceof Tuple ? result.at(1) : undefined;
  return reason instanceof Tuple && reason.at(0) === atom("already_exist");
}

/** The device: takes what is printed on it, and says so at once, since the handler waits for that. */
async function serve(self: Process, remote: RemoteNode, received: (record: LogRecord) => void): Promise<void> {
  for await (const message of self) {
    // {io_request, From, ReplyAs, Request}
    if (!(message instanceof Tuple) || message.length !== 4 || message.at(0) !== atom("io_request")) continue;
    const [, from, replyAs, request] = message.elements as readonly [Term, Term, Term, Term];
    if (from instanceof Pid) self.send(from, tuple(atom("io_reply"), replyAs, OK));
    const chars = await charsOf(request, remote);
    if (chars !== undefined) received(parseRecord(chars));
  }
}

/**
 * `{put_chars, Encoding, Chars}`, or `{put_chars, Encoding, Module, Function, Args}`, which is for the device to evaluate: only the
 * node can, since what is in the arguments may be anything.
 */
async function charsOf(request: Term, remote: RemoteNode): Promise<string | undefined> {
  if (!(request instanceof Tuple) || request.at(0) !== atom("put_chars")) return undefined;
  const [, , chars, fun, args] = request.elements;
  try {
    if (request.length === 3) return text(chars ?? []);
    if (!(chars instanceof Atom && fun instanceof Atom && Array.isArray(args))) return undefined;
    const made = await remote.call(chars.name, fun.name, args);
    return text(await remote.call("unicode", "characters_to_binary", [made]));
  } catch {
    // A message in another encoding than it says, or a function that fails: what came is better than nothing.
    return String(request);
  }
}

/** One event as the formatter wrote it; what has no fields is a message of its own. */
export function parseRecord(chars: string): LogRecord {
  const whole = chars.startsWith(RECORD) ? chars.slice(RECORD.length) : `${FIELD.repeat(FIELDS.length - 1)}${chars}`;
  const [time = "", level = "", pid = "", mfa = "", line = "", domain = "", ...rest] = whole.split(FIELD);
  const message = rest.join(FIELD).replace(/\n$/, "");
  return {
    time,
    level: LEVELS.find((known) => known === level) ?? "notice",
    pid,
    mfa,
    line,
    domain,
    message,
    isGap: /^Handler erl_console_\d+ (?:flushed|dropped|switched|.*burst)/.test(message),
  };
}
