// A shell of a remote node, driven from here. The node does the editing, history, completion and help, in the process `group` that
// stands between a shell and a terminal; we take the place of its driver (kernel, user_drv.erl). So a shell in a page is the one
// that `erl -remsh` has, and nothing is loaded there.
//
// `group` waits for answers to some of its messages, and a shell hangs when one does not come. What it asks, and what its node asks
// our node for it, is all answered here and in shell-registry.ts.
import { Atom, atom, format, ioServer, map, Pid, type Process, type Term, termKey, Tuple, tuple } from "@erl-dist/core";
import type { DeadMan } from "../remote/dead-men.ts";
import type { RemoteNode } from "../remote/remote-node.ts";
import { findDialect, type ShellKind, startGroup } from "./dialect.ts";
import { endEvaluators, guardEvaluators } from "./evaluators.ts";
import { PrimTtyScreen } from "./prim-tty-screen.ts";
import type { Screen } from "./screen.ts";
import { charsOf, parseScreenRequest, requestText } from "./screen-request.ts";
import { registerShell } from "./shell-registry.ts";
import { commandThatStops } from "./stops-node.ts";
import { TtyslScreen } from "./ttysl-screen.ts";
import { SHELL_STRINGS } from "../panels/shell/strings.ts";
import { ToldError } from "../told-error.ts";

/** Where a shell is shown: a terminal that understands the usual escape sequences, and breaks lines with CR LF. */
export interface ShellTerminal {
  readonly columns: number;
  readonly rows: number;
  /** Resolves when the terminal has taken it in: the node is held up until then, so that it cannot run ahead of what is shown. */
  write(text: string): void | Promise<void>;
}

export interface RemoteShellOptions {
  readonly terminal: ShellTerminal;
  /** By default IEx where the node runs it, else the shell of Erlang. */
  readonly shell?: ShellKind | "auto" | undefined;
  /** Asked before a command goes to the node that would stop it. Without it everything goes. */
  readonly confirm?: ((command: string) => boolean | Promise<boolean>) | undefined;
  /** Ctrl-O: gives the text as it was edited. Without it the text stays as it is. */
  readonly edit?: ((text: string) => string | Promise<string>) | undefined;
  /** The node sent something that this driver does not know. */
  readonly report?: ((problem: string) => void) | undefined;
}

/** Why a shell ended: the exit reason of its group, `noconnection` among them. */
export interface ShellEnd {
  readonly reason: Term;
}

/** Messages that the terminal has not taken in; above that no more are read. */
const MAX_WRITES = 1_000;
/** Characters of the lines before that are looked through for a command that stops the node. */
const MAX_TYPED = 1_000;
/** Questions whether the group has handled a line; it has after one or two. */
const MAX_LOOKS = 50;
/** A group that is told to end does so at once, unless its node hangs. */
const CLOSE_MS = 2_000;
const CTRL_C = "\x03";

const EXIT = atom("EXIT");
const DATA = atom("data");
const OK = atom("ok");
const ECHOED = atom("echoed");

/** What a shell is made of. */
interface Parts {
  readonly remote: RemoteNode;
  readonly kind: ShellKind;
  /** OTP 25, which acknowledges in another form. */
  readonly isOld: boolean;
  readonly options: RemoteShellOptions;
  readonly screen: Screen;
  readonly self: Process;
  readonly group: Pid;
  /** The shell's pid, once there is one. */
  readonly found: PromiseWithResolvers<Pid>;
  /** Lets go of what our node has for the shell. */
  readonly release: () => void;
}

export class RemoteShell {
  readonly kind: ShellKind;
  readonly remote: RemoteNode;
  /** Resolves when the shell has ended, however that came. */
  readonly ended: Promise<ShellEnd>;
  readonly #parts: Parts;
  readonly #self: Process;
  readonly #options: RemoteShellOptions;
  readonly #screen: Screen;
  readonly #group: Pid;
  readonly #end: PromiseWithResolvers<ShellEnd> = Promise.withResolvers();
  #isLookingForShell = false;
  #shell: Pid | undefined;
  #deadMan: DeadMan | undefined;
  /** What was typed of an expression, as far as that is known: the node's echo may be behind it. */
  #typed = "";
  /** Since the line began something was typed that only the node knows what it makes of it: a key for the history, for one. */
  #isUnsure = false;
  #read: (() => void) | undefined;
  #typing: Promise<void> = Promise.resolve();
  #resizing: Promise<void> = Promise.resolve();
  #isResizing = false;
  #writes = 0;
  #written: Promise<unknown> = Promise.resolve();

  /**
   * Starts a shell on the node and resolves when it can be typed to. Rejects with a TypeError when the node has no such shell,
   * and as `erpc` does.
   */
  static async start(remote: RemoteNode, options: RemoteShellOptions): Promise<RemoteShell> {
    const dialect = await findDialect(remote, options.shell ?? "auto");
    const node = remote.local;
    const self = node.spawn();
    const { terminal } = options;
    const isOld = dialect.group === "server/3";
    const size = (): ShellTerminal => terminal;
    const screen = isOld ? new TtyslScreen(size) : new PrimTtyScreen(size);
    let write = (text: string): void | Promise<void> => terminal.write(screen.print(text));
    const leader = ioServer(node, {
      write: (text) => write(text),
      columns: () => terminal.columns,
      rows: () => terminal.rows,
    });
    // Completion and help ask the group leader of the group, and the node that it lives on.
    self.groupLeader = leader.pid;
    self.trapExit = true;
    const found = Promise.withResolvers<Pid>();
    // Nobody may ask for it.
    found.promise.catch(() => undefined);
    const forget = registerShell(node, leader.pid, () => found.promise);
    const release = (): void => {
      forget();
      leader.stop();
      if (self.isAlive) self.exit(atom("normal"));
    };
    try {
      const group = await startGroup(self, remote.name, dialect);
      const shell = new RemoteShell({ remote, kind: dialect.kind, isOld, options, self, group, screen, found, release });
      write = async (text) => {
        await shell.#resizing;
        await shell.#write(screen.print(text));
      };
      void shell.#serve();
      await shell.#ready();
      return shell;
    } catch (error) {
      release();
      throw error;
    }
  }

  private constructor(parts: Parts) {
    this.kind = parts.kind;
    this.remote = parts.remote;
    this.ended = this.#end.promise;
    this.#parts = parts;
    this.#options = parts.options;
    this.#screen = parts.screen;
    this.#self = parts.self;
    this.#group = parts.group;
  }

  /** The line that is being edited, with its prompt. */
  get line(): string {
    return this.#screen.line;
  }

  /** Keys as a terminal sends them. Ctrl-C interrupts what is running. */
  type(keys: string): void {
    const parts = keys.split(CTRL_C);
    parts.forEach((part, index) => {
      if (index > 0) this.interrupt();
      if (part !== "") this.#enqueue(part);
    });
  }

  /** Text from elsewhere: a tab would complete, so it becomes spaces. */
  paste(text: string): void {
    const keys = text.replace(/\r\n?|\n/g, "\r").replaceAll("\t", "    ");
    if (keys !== "") this.#enqueue(keys);
  }

  /** What Ctrl-C does: ends what is running, or takes back the line. */
  interrupt(): void {
    this.#typed = "";
    this.#isUnsure = false;
    if (this.#isThere) this.#self.exit(this.#group, atom("interrupt"));
  }

  /** Gives the terminal another size; the line that is being edited is drawn anew. */
  resize(change: () => void): Promise<void> {
    this.#resizing = this.#resizing.then(async () => {
      // Until the terminal has its new size, what the node draws waits: nothing may come in between.
      this.#isResizing = true;
      await this.#write(this.#screen.erase());
      change();
      await this.#write(this.#screen.draw());
      this.#isResizing = false;
    });
    return this.#resizing;
  }

  /** Ends the shell and what it has been evaluating. Resolves when that has happened, or the node does not answer. */
  async close(): Promise<void> {
    if (this.#isThere) {
      this.#self.exit(this.#group, atom("die"));
      const patience = setTimeout(() => this.#finish(atom("killed")), CLOSE_MS);
      await this.ended;
      clearTimeout(patience);
    } else this.#finish(atom("noconnection"));
  }

  /** Whether there is somebody to say something to: a word without a connection would make a new one. */
  get #isThere(): boolean {
    return this.#self.isAlive && this.remote.isConnected;
  }

  /** Characters go in the order in which they were typed, also while a question is open. */
  #enqueue(keys: string): void {
    this.#typing = this.#typing.then(() => this.#send(keys));
  }

  async #send(keys: string): Promise<void> {
    const { confirm } = this.#options;
    if (confirm === undefined) {
      this.#data(keys);
      return;
    }
    for (const part of keys.split(/(?<=\r)/)) {
      const line = part.replace(/\r$/, "");
      this.#data(line);
      this.#keep(line);
      if (line === part) return;
      const command = await this.#commandThatStops();
      // The line stays, to be changed.
      if (command !== undefined && !(await confirm(command))) return;
      this.#data("\r");
      const isEnd = command !== undefined || this.#isUnsure || (this.kind === "erl" && this.#typed.trimEnd().endsWith("."));
      this.#typed = isEnd ? "" : `${this.#typed.slice(-MAX_TYPED)}\n`;
      this.#isUnsure = false;
    }
  }

  async #commandThatStops(): Promise<string | undefined> {
    const command = commandThatStops(this.#typed);
    if (command !== undefined || !this.#isUnsure) return command;
    await this.#echoed();
    // In an input of several lines the prompts of those below the first are in between.
    return commandThatStops(this.line.replaceAll(/^.*\.\. /gm, "")) ?? commandThatStops(this.line);
  }

  /** Resolves when the group has handled all that was sent to it, and shows a line again if it does so soon. */
  async #echoed(): Promise<void> {
    try {
      for (let looks = 0; looks < MAX_LOOKS && this.#isThere; looks++) {
        const info = await this.remote.call("erlang", "process_info", [this.#group, [atom("status"), atom("message_queue_len")]]);
        if (format(info) !== "[{status,waiting},{message_queue_len,0}]") continue;
        // What it has drawn is all read when this is, which comes behind it.
        const read = Promise.withResolvers<void>();
        this.#read = read.resolve;
        this.#self.send(this.#self.pid, ECHOED);
        await Promise.race([read.promise, this.ended]);
        if (this.line !== "") return;
      }
    } catch {
      // The node has gone meanwhile; or it does not answer, and then what is shown has to do.
    }
  }

  #keep(keys: string): void {
    for (const key of keys) {
      if (key === "\x7f" || key === "\b") this.#typed = Array.from(this.#typed).slice(0, -1).join("");
      else if (key >= " ") this.#typed += key;
      // Ctrl-U and the like; what the screen shows counts then.
      else {
        this.#typed = "";
        this.#isUnsure = true;
      }
    }
  }

  /** Never without characters: that would send an older group into an endless loop. */
  #data(keys: string): void {
    if (keys === "" || !this.#isThere) return;
    const codePoints = Array.from(keys, (key) => key.codePointAt(0) ?? 0);
    this.#self.send(this.#group, tuple(this.#self.pid, tuple(DATA, codePoints)));
  }

  async #ready(): Promise<void> {
    const found = await Promise.race([this.#parts.found.promise, this.ended]);
    if (!(found instanceof Pid)) {
      throw new ToldError(SHELL_STRINGS, "shellEndedAtOnce", { node: this.remote.name, reason: format(found.reason) });
    }
    this.#deadMan = await guardEvaluators(this.remote, found);
  }

  async #serve(): Promise<void> {
    const group = termKey(this.#group);
    for await (const message of this.#self) {
      if (message === ECHOED) this.#read?.();
      if (!(message instanceof Tuple)) continue;
      const [first, second, third] = message.elements as readonly (Term | undefined)[];
      if (first === EXIT && second instanceof Pid) {
        if (termKey(second) === group) this.#finish(third ?? atom("normal"));
      } else if (first instanceof Pid && termKey(first) === group && second !== undefined) {
        this.#findShell();
        if (this.#isResizing) await this.#resizing;
        // A request with an argument may be spread over the message.
        this.#serveRequest(third === undefined ? second : tuple(second, third));
        if (this.#writes >= MAX_WRITES) await this.#written;
      }
    }
    this.#finish(atom("shutdown"));
  }

  #serveRequest(request: Term): void {
    const { terminal } = this.#options;
    if (request instanceof Atom) {
      switch (request.name) {
        case "tty_geometry":
          this.#answer(request, tuple(terminal.columns, terminal.rows));
          return;
        case "get_unicode_state":
          this.#answer(request, true);
          return;
        case "get_terminal_state":
          this.#answer(request, map({ stdin: true, stdout: true, stderr: true }));
          return;
      }
    }
    const [tag, first, second, third] = request instanceof Tuple ? (request.elements as readonly (Term | undefined)[]) : [];
    if (tag instanceof Atom && first !== undefined) {
      switch (tag.name) {
        case "set_unicode_state":
          this.#answer(tag, true);
          return;
        case "put_chars_sync":
          void this.#putSync(second === undefined ? "" : this.#chars(first, second), third);
          return;
        case "put_ansi_sync":
          void this.#putAnsi(first, second ?? [], third);
          return;
        case "open_editor":
          void this.#edit(first);
          return;
      }
    }
    const requests = parseScreenRequest(request);
    if (requests === undefined) this.#options.report?.(`the shell asks for what is not known here: ${requestText(request)}`);
    else void this.#write(requests.map((each) => this.#screen.perform(each)).join(""));
  }

  #answer(question: Atom, answer: Term): void {
    if (this.#isThere) this.#self.send(this.#group, tuple(this.#self.pid, question, answer));
  }

  #chars(encoding: Term, chars: Term): string {
    try {
      return charsOf(encoding, chars);
    } catch (error) {
      this.#options.report?.(error instanceof Error ? error.message : String(error));
      return "";
    }
  }

  /** Whoever prints goes on when it is shown. */
  async #putSync(text: string, from: Term | undefined): Promise<void> {
    await this.#write(this.#screen.perform({ type: "put_chars", text }));
    const reply = from ?? atom("undefined");
    if (!this.#isThere) return;
    this.#self.send(this.#group, this.#parts.isOld ? tuple(atom("reply"), reply) : tuple(atom("reply"), reply, OK));
  }

  /** Text with colours by name, from OTP 29: what they are in characters is for the node to say. */
  async #putAnsi(options: Term, ansi: Term, from: Term | undefined): Promise<void> {
    const settings = [tuple(atom("reset"), false), tuple(atom("enabled"), true), ...(Array.isArray(options) ? options : [])];
    let text = "";
    try {
      text = this.#chars(atom("unicode"), await this.remote.call("io_ansi", "format", [[ansi], [], settings]));
    } catch (error) {
      this.#options.report?.(error instanceof Error ? error.message : String(error));
    }
    await this.#putSync(text, from);
  }

  async #edit(term: Term): Promise<void> {
    const old = this.#chars(atom("unicode"), term);
    let edited = old;
    try {
      edited = (await this.#options.edit?.(old)) ?? old;
    } catch (error) {
      this.#options.report?.(error instanceof Error ? error.message : String(error));
    }
    const codePoints = Array.from(edited.replace(/\n$/, ""), (character) => character.codePointAt(0) ?? 0);
    if (this.#isThere) this.#self.send(this.#group, tuple(this.#self.pid, tuple(atom("editor_data"), codePoints)));
  }

  /** Writes in order. What goes wrong there is for the terminal to tell. */
  #write(text: string): Promise<void> {
    this.#writes++;
    // A terminal takes text in at once and says later that it has; only what follows waits for that.
    const written = text === "" ? Promise.resolve() : Promise.resolve(this.#options.terminal.write(text));
    const done = Promise.all([this.#written, written]).then(() => {
      this.#writes--;
    });
    this.#written = done;
    return done;
  }

  #findShell(): void {
    if (this.#isLookingForShell) return;
    this.#isLookingForShell = true;
    this.#lookForShell().then(
      (pid) => {
        if (pid === undefined) this.#isLookingForShell = false;
        else {
          this.#shell = pid;
          this.#parts.found.resolve(pid);
        }
      },
      (error: unknown) => this.#parts.found.reject(error),
    );
  }

  /** The group keeps it under `shell` in its dictionary, once there is one. */
  async #lookForShell(): Promise<Pid | undefined> {
    const info = await this.remote.call("erlang", "process_info", [this.#group, atom("dictionary")]);
    const dictionary = info instanceof Tuple ? info.at(1) : undefined;
    if (!Array.isArray(dictionary)) return undefined;
    const entry = dictionary.find((each): each is Tuple => each instanceof Tuple && each.at(0) === atom("shell"));
    const pid = entry?.at(1);
    return pid instanceof Pid ? pid : undefined;
  }

  #finish(reason: Term): void {
    if (!this.#self.isAlive) {
      this.#end.resolve({ reason });
      return;
    }
    void this.#cleanUp().finally(() => {
      // With the connection the dead man has gone too; a word to him would make a new one.
      if (this.remote.isConnected) this.#deadMan?.disarm();
      this.#parts.release();
      this.#parts.found.reject(new TypeError("the shell has ended"));
      this.#end.resolve({ reason });
    });
  }

  /** A shell does not always take what it evaluates with it. */
  async #cleanUp(): Promise<void> {
    const shell = this.#shell;
    if (shell === undefined || !this.remote.isConnected) return;
    try {
      await endEvaluators(this.remote, shell);
    } catch {
      // The node has gone meanwhile, and its processes with it; or the connection, which the dead man is for.
    }
  }
}
