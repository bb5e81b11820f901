// The node's log, by OTP's own handler for files and devices, whose device is a relay on the node that sends us what is written.
// Fields come between characters that OTP's formatter takes as part of its template and that no message has at its start. Handler and
// relay go when the tab goes: a dead man removes them.
import { atom, charlist, map, Pid, type Process, type Term, text, Tuple, tuple } from "@erl-dist/core";
import type { DeadMan } from "../../remote/dead-men.ts";
import type { RemoteFunction } from "../../remote/remote-function.ts";
import type { RemoteNode } from "../../remote/remote-node.ts";
import { ToldError } from "../../told-error.ts";
import { LINES, MORE, startRelay } from "./log-relay.ts";
import { LOGS_STRINGS } from "./strings.ts";

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
  /** Events are missing here, by the word of the node or of the relay. */
  readonly isGap: boolean;
}

/** A console takes the first that is free: names made up for each would stay on the node as atoms. */
const HANDLER_IDS = Array.from({ length: 8 }, (_, index) => `erl_console_${index + 1}`);

// erl_scan and io_lib:printable_unicode_list/1 know these two; logger refuses a template with others.
const RECORD = "\f";
const FIELD = "\v";
const FIELDS = ["time", "level", "pid", "mfa", "line", "domain", "msg"] as const;

const OK = atom("ok");
const EXIT = atom("EXIT");
const NOCONNECTION = atom("noconnection");

/**
 * Events that wait for the handler before the node drops some. The relay answers at once, so they wait only while the node itself is
 * short of time: for 0.4 s of 5,000 a second, which is less than a megabyte. There is no limit of events in a second besides: what OTP
 * leaves out for that it never tells.
 */
const QUEUE_LENGTH = 2_000;
const FLUSH_LENGTH = 5_000;

export interface LogReader {
  /** The next events. Those after them come when this is done, and when they pile up meanwhile, some are left out. */
  readonly received: (records: readonly LogRecord[]) => void | Promise<void>;
  /** Something on the node has ended the log. */
  readonly ended: (why: ToldError<"logsEnded">) => void;
  /** What stands in the log in the place of so many events. */
  readonly missing: (events: number) => string;
}

export class LogStream {
  readonly #remote: RemoteNode;
  readonly #page: Process;
  readonly #relay: Pid;
  readonly #id: string;
  #deadMan: DeadMan;
  /** The node's level before it was changed from here. */
  #levelBefore: Term | undefined;

  private constructor(remote: RemoteNode, page: Process, relay: Pid, id: string, deadMan: DeadMan) {
    this.#remote = remote;
    this.#page = page;
    this.#relay = relay;
    this.#id = id;
    this.#deadMan = deadMan;
  }

  /** Adds the handler. Rejects with a CallError, or an Error when all places are taken. */
  static async open(remote: RemoteNode, level: Level | "all", reader: LogReader): Promise<LogStream> {
    const page = remote.local.spawn((self) => serve(self, remote, reader));
    page.trapExit = true;
    let relay: Pid | undefined;
    try {
      relay = await startRelay(remote, page);
      for (const id of HANDLER_IDS) {
        // Armed first, so that there is no moment in which the handler could stay behind.
        const deadMan = await remote.deadMan(removal(id, relay));
        const added = await remote.call("logger", "add_handler", [atom(id), atom("logger_std_h"), configuration(relay, level)]);
        if (added === OK) return new LogStream(remote, page, relay, id, deadMan);
        deadMan.disarm();
        if (!isTaken(added)) throw new ToldError(LOGS_STRINGS, "logsNoHandler", { reason: String(added) });
      }
      throw new ToldError(LOGS_STRINGS, "logsNoPlace", { count: `${HANDLER_IDS.length}` });
    } catch (error) {
      if (relay !== undefined && remote.isConnected) remote.kill(relay);
      page.exit(atom("normal"));
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
      const deadMan = await this.#remote.deadMan([...removal(this.#id, this.#relay), levelChange(before)]);
      this.#deadMan.disarm();
      this.#deadMan = deadMan;
      this.#levelBefore = before;
    }
    await this.#remote.call(...levelChange(atom(level)));
  }

  /** Removes the handler, and gives the node its level back. */
  async close(): Promise<void> {
    // The end of the relay is none to tell about.
    this.#page.exit(atom("normal"));
    try {
      if (!this.#remote.isConnected) return;
      const level = this.#levelBefore === undefined ? [] : [levelChange(this.#levelBefore)];
      await this.#remote.batch([...removal(this.#id, this.#relay), ...level]);
      this.#deadMan.disarm();
    } catch {
      // The connection has gone, and the dead man does it.
    }
  }
}

/** Nothing may come to a handler that is about to go, nor to a device that has gone: the node would report either in its log. */
function removal(id: string, relay: Pid): RemoteFunction[] {
  return [
    ["logger", "set_handler_config", [atom(id), atom("level"), atom("none")]],
    ["logger", "remove_handler", [atom(id)]],
    ["erlang", "exit", [relay, atom("kill")]],
  ];
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
      burst_limit_enable: false,
    }),
  });
}

/** `{error, {already_exist, Id}}` */
function isTaken(result: Term): boolean {
  const reason = result instanceof Tuple ? result.at(1) : undefined;
  return reason instanceof Tuple && reason.at(0) === atom("already_exist");
}

async function serve(self: Process, remote: RemoteNode, { received, ended, missing }: LogReader): Promise<void> {
  for await (const message of self) {
    if (!(message instanceof Tuple)) continue;
    const [tag, from, content, leftOut] = message.elements;
    if (tag === LINES) {
      // A list of binaries, as the relay sends it.
      const records = (content as Term[]).map((line) => parseRecord(text(line)));
      if (typeof leftOut === "number" && leftOut > 0) records.push(gapRecord(missing(leftOut)));
      await received(records);
      // After a loss there is nobody to send to, and to send would connect again.
      if (from instanceof Pid && self.isAlive && remote.isConnected) self.send(from, MORE);
    } else if (tag === EXIT && content !== NOCONNECTION) {
      ended(new ToldError(LOGS_STRINGS, "logsEnded", { reason: String(content) }));
      return;
    }
  }
}

/** What happened to the log itself, where events are missing. */
export function gapRecord(message: string): LogRecord {
  const time = new Date().toISOString();
  return { time, level: "warning", pid: "", mfa: "", line: "", domain: "", message, isGap: true };
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
    isGap: /^Handler erl_console_\d+ (?:flushed|dropped|switched)/.test(message),
  };
}
