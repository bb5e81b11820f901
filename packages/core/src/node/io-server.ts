// A device that serves the I/O protocol (stdlib, "The Erlang I/O Protocol"): as the group leader of processes, here or on
// other nodes, it prints what they print and reads what they read.
//
// Processes hand over functions to apply: io:format/2 sends the format and its arguments, io:read/1 and io:fread/2 name the
// function that says when enough is read. The usual formatting is done here. All else is applied on the node that asked, by
// erpc, so that nothing of this program is run from outside.
import { atom, charlist, Pid, type Term, Tuple, tuple } from "../etf/index.ts";
import { ErlangError, exitReasonOf } from "./erlang-error.ts";
import { call as erpcCall } from "./erpc.ts";
import { ioFormat } from "./io-format.ts";
import { asLatin1 } from "./io-format-term.ts";
import { EOF, IoInput, type IoReader, TERMINATED } from "./io-input.ts";
import { type IoCall, type IoEncoding, type IoRequest, parseIoRequest } from "./io-request.ts";
import { changedSettings, DEFAULT_IO_SETTINGS, type IoSettings, settingsTerm } from "./io-settings.ts";
import { charactersOf, isLatin1 } from "./io-text.ts";
import type { Process } from "./process.ts";

export interface IoServerOptions {
  /**
   * Takes what is printed, one text after the other. Who prints goes on when the promise is resolved. Without it, what is
   * printed is lost.
   */
  readonly write?: ((text: string) => void | Promise<void>) | WritableStream<string> | undefined;
  /** Gives the lines that are read. Without it they come by `push`, and prompts are written as text. */
  readonly read?: IoReader | undefined;
  /** Size of the terminal in characters, for `io:columns/0` and `io:rows/0`; absent where there is none. */
  readonly columns?: number | (() => number | undefined) | undefined;
  readonly rows?: number | (() => number | undefined) | undefined;
  /** Which lists `~p` prints as text: those of Latin-1 characters, as a node does by default, or of all (`+pc unicode`). */
  readonly printable?: "latin1" | "unicode" | undefined;
}

/** Requests that may wait; above that, no more are taken from the mailbox until some are written. */
const MAX_WRITES = 1_000;
/** Processes that may wait for input; others are refused. */
const MAX_READS = 1_000;

const OK = atom("ok");
const ERROR = atom("error");
const IO_LIB = atom("io_lib");

export class IoServer {
  readonly process: Process;
  readonly #options: IoServerOptions;
  readonly #input: IoInput;
  readonly #sink: Sink;
  #settings: IoSettings = DEFAULT_IO_SETTINGS;
  /** Resolves when all is written that was to be written. */
  #written: Promise<unknown> = Promise.resolve();
  #writes = 0;
  /** Resolves when nobody reads: they do so one after the other. */
  #reading: Promise<unknown> = Promise.resolve();
  #reads = 0;

  /**
   * Lets a process without a function of its own serve requests until it ends. When `write` or `read` fails it exits with that
   * reason, and who prints or reads is told `{error, terminated}`.
   */
  constructor(process: Process, options: IoServerOptions = {}) {
    this.process = process;
    this.#options = options;
    this.#input = new IoInput(options.read);
    this.#sink = sinkOf(options.write);
    void this.#serve();
    void process.exited.then(() => {
      this.#input.terminate();
      this.#sink.release();
    });
  }

  /** What others set as their group leader, or name as the device of `io:format/3`. */
  get pid(): Pid {
    return this.process.pid;
  }

  /** Characters to read, as typed on a terminal: a line ends with a newline. `EOF` ends the file; see there before you use it. */
  push(text: string | typeof EOF): void {
    this.#input.push(text);
  }

  /** Nobody will type any more: readers get what there is, then `{error, terminated}`. */
  terminate(): void {
    this.#input.terminate();
  }

  /** Ends the process. */
  stop(): void {
    if (this.process.isAlive) this.process.exit(atom("normal"));
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  async #serve(): Promise<void> {
    for await (const message of this.process) {
      if (!(message instanceof Tuple) || message.length !== 4) continue;
      const [tag, from, replyAs, request] = message.elements as readonly [Term, Term, Term, Term];
      if (!(from instanceof Pid)) continue;
      if (tag === atom("io_request")) void this.#answer(from, replyAs, request);
      // file:position/2 and the like take a device for a file.
      else if (tag === atom("file_request")) this.#send(from, tuple(atom("file_reply"), replyAs, failure(atom("enotsup"))));
      if (this.#writes >= MAX_WRITES) await this.#written;
    }
  }

  async #answer(from: Pid, replyAs: Term, request: Term): Promise<void> {
    try {
      this.#send(from, tuple(atom("io_reply"), replyAs, await this.#perform(from, request)));
    } catch (error) {
      // The program's own functions failed; nothing else throws here.
      if (this.process.isAlive) this.process.exit(exitReasonOf(error));
    }
  }

  #send(to: Pid, message: Term): void {
    if (this.process.isAlive) this.process.send(to, message);
  }

  async #perform(from: Pid, term: Term): Promise<Term> {
    const request = parseIoRequest(term);
    switch (request?.type) {
      case undefined:
        return failure(atom("request"));
      case "put_chars": {
        const text = textOf(request.chars, request.encoding);
        if (text === undefined) return failure(tuple(atom("put_chars"), atom(request.encoding), request.chars));
        await this.#write(text);
        return OK;
      }
      case "put_applied": {
        const { call, encoding } = request;
        const text = this.#format(call) ?? textOf(await applyThere(this.process, from, call), encoding);
        if (text === undefined) return failure(call.function);
        await this.#write(text);
        return OK;
      }
      case "get_line":
      case "get_chars":
      case "get_until":
      case "get_password":
        return this.#read(from, request);
      case "getopts":
        return settingsTerm(this.#settings);
      case "setopts": {
        const changed = changedSettings(this.#settings, request.options);
        if (changed === undefined) return failure(atom("enotsup"));
        this.#settings = changed;
        return OK;
      }
      case "get_geometry":
        return this.#geometry(request.what);
      case "requests":
        return this.#performAll(from, request.requests);
      default:
        return request satisfies never;
    }
  }

  /** One after the other, up to the first that fails; the last reply is that of all. They do not nest, so neither do calls here. */
  async #performAll(from: Pid, requests: readonly Term[]): Promise<Term> {
    let reply: Term = OK;
    for (const request of requests) {
      const nests = parseIoRequest(request)?.type === "requests";
      reply = nests ? failure(atom("request")) : await this.#perform(from, request);
      if (reply instanceof Tuple && reply.at(0) === ERROR) return reply;
    }
    return reply;
  }

  #geometry(what: string): Term {
    const size = what === "columns" ? this.#options.columns : what === "rows" ? this.#options.rows : undefined;
    return (typeof size === "function" ? size() : size) ?? failure(atom("enotsup"));
  }

  /** What the usual functions give; undefined for others, and for what they refuse. */
  #format({ module, function: fun, args }: IoCall): string | undefined {
    if (module !== IO_LIB) return undefined;
    const [first, second] = args;
    if (first === undefined) return undefined;
    try {
      if ((fun.name === "format" || fun.name === "fwrite") && Array.isArray(second) && args.length === 2)
        return ioFormat(first, second, { printable: this.#options.printable });
      if (fun.name === "write" && args.length === 1) return ioFormat("~w", [first]);
      return undefined;
    } catch (error) {
      // The node that asked may know more of formats than we do.
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  async #write(text: string): Promise<void> {
    const shown = this.#settings.encoding === "latin1" ? asLatin1(text) : text;
    this.#writes++;
    const written = this.#written.then(() => this.#sink.write(shown));
    // Whoever prints next is told by its own write; here it only waits its turn.
    this.#written = written.catch(() => undefined);
    try {
      await written;
    } finally {
      this.#writes--;
    }
  }

  #read(from: Pid, request: InputRequest): Promise<Term> | Term {
    if (this.#reads >= MAX_READS) return failure(atom("enomem"));
    this.#reads++;
    const read = this.#reading.then(() => this.#readNow(from, request)).finally(() => this.#reads--);
    this.#reading = read.catch(() => undefined);
    return read;
  }

  async #readNow(from: Pid, request: InputRequest): Promise<Term> {
    const prompt = request.type === "get_password" ? "" : promptText(request.prompt);
    const echo = this.#settings.echo && request.type !== "get_password";
    const line = (): Promise<Line> => this.#input.line(prompt, (text) => this.#prompt(text), echo);
    switch (request.type) {
      case "get_line":
        return this.#inputTerm(await line(), request.encoding);
      case "get_password": {
        const text = await line();
        return this.#inputTerm(typeof text === "string" ? text.replace(/\n$/, "") : text, request.encoding);
      }
      case "get_chars":
        return this.#inputTerm(await this.#readCharacters(request.count, line), request.encoding);
      case "get_until":
        return this.#readUntil(from, request.call, line);
      default:
        return request satisfies never;
    }
  }

  #prompt(text: string): void {
    // Should it fail, the next one who prints learns of it.
    if (text !== "") this.#write(text).catch(() => undefined);
  }

  async #readCharacters(count: number, line: () => Promise<Line>): Promise<Line> {
    const characters: string[] = [];
    while (characters.length < count) {
      const more = await line();
      if (typeof more === "string") for (const character of more) characters.push(character);
      else if (characters.length === 0) return more;
      else {
        if (more === EOF) this.#input.push(EOF);
        break;
      }
    }
    this.#input.putBack(characters.slice(count).join(""));
    return characters.slice(0, count).join("");
  }

  /** `{get_until, …}`: the function takes line by line until it is done. */
  async #readUntil(from: Pid, call: IoCall, line: () => Promise<Line>): Promise<Term> {
    let continuation: Term = [];
    for (;;) {
      const more = await line();
      if (more === TERMINATED) return failure(TERMINATED_ATOM);
      const args = [continuation, more === EOF ? EOF_ATOM : charlist(more), ...call.args];
      const answer = await applyThere(this.process, from, { ...call, args });
      if (!(answer instanceof Tuple)) return failure(call.function);
      const [state, result, rest] = answer.elements;
      if (state === atom("more") && result !== undefined) continuation = result;
      else if (state === atom("done") && result !== undefined && rest !== undefined) {
        if (rest !== EOF_ATOM) this.#input.putBack(textOf(rest, "unicode") ?? "");
        // The end of the file stands behind what was read, unless it is what was read.
        else if (!isEof(result)) this.#input.push(EOF);
        return this.#settings.binary && Array.isArray(result) ? (textOf(result, "unicode") ?? result) : result;
      } else return failure(call.function);
    }
  }

  /** What was read, in the form that the reader asked for. */
  #inputTerm(text: Line, encoding: IoEncoding): Term {
    if (text === EOF) return EOF_ATOM;
    if (text === TERMINATED) return failure(TERMINATED_ATOM);
    if (encoding === "latin1" && !isLatin1(text)) {
      return failure(tuple(atom("no_translation"), atom("unicode"), atom("latin1")));
    }
    const characters = charlist(text);
    if (!this.#settings.binary) return characters;
    return encoding === "latin1" ? Uint8Array.from(characters) : new TextEncoder().encode(text);
  }
}

type InputRequest = Extract<IoRequest, { readonly type: "get_line" | "get_chars" | "get_until" | "get_password" }>;
type Line = string | typeof EOF | typeof TERMINATED;

const EOF_ATOM = atom("eof");
const TERMINATED_ATOM = atom("terminated");

function failure(reason: Term): Tuple {
  return tuple(ERROR, reason);
}

/** `eof`, or a result that says so: `{eof, Location}`. */
function isEof(result: Term): boolean {
  return result === EOF_ATOM || (result instanceof Tuple && result.at(0) === EOF_ATOM);
}

function textOf(term: Term | undefined, encoding: IoEncoding): string | undefined {
  try {
    return term === undefined ? undefined : charactersOf(term, encoding === "unicode");
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Applies the function on the node of the process that asked; undefined when that fails, or the node is our own. */
async function applyThere(self: Process, { node }: Pid, { module, function: fun, args }: IoCall): Promise<Term | undefined> {
  if (node.name === self.node) return undefined;
  try {
    return await erpcCall(self, node.name, module, fun, args);
  } catch (error) {
    if (error instanceof ErlangError) return undefined;
    throw error;
  }
}

/** io_lib:format_prompt/1. */
function promptText(prompt: Term): string {
  if (prompt instanceof Tuple && prompt.length === 3 && prompt.at(0) === atom("format")) {
    const [, format, args] = prompt.elements as readonly [Term, Term, Term];
    if (Array.isArray(args)) {
      try {
        return ioFormat(format, args);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
    }
  }
  return textOf(prompt, "unicode") ?? ioFormat("~tp", [prompt]);
}

/** Where text goes, and what lets go of that. */
interface Sink {
  write(text: string): unknown;
  release(): void;
}

function sinkOf(write: IoServerOptions["write"]): Sink {
  if (write === undefined || typeof write === "function") return { write: write ?? nothing, release: nothing };
  const writer = write.getWriter();
  return { write: (text) => writer.write(text), release: () => writer.releaseLock() };
}

function nothing(): void {}
