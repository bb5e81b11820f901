import { html, type TemplateResult } from "lit";
import type { RemoteNode } from "../../remote/remote-node.ts";
import { RemoteShell } from "../../shell/remote-shell.ts";
import { messageOf } from "../problem.ts";
import { endText, type Session, type SessionHost, type SessionState } from "./session.ts";
import type { PageTerminal } from "./terminal.ts";
import { terminalTheme } from "./terminal-theme.ts";

const BOLD = "\x1b[1m";
const FAINT = "\x1b[2m";
const PLAIN = "\x1b[0m";

export class TerminalSession implements Session {
  readonly id: number;
  readonly #host: SessionHost;
  readonly #element: HTMLElement = document.createElement("div");
  readonly #probe: HTMLElement = document.createElement("span");
  readonly #kept: string;
  #terminal: PageTerminal | undefined;
  #shell: RemoteShell | undefined;
  #remote: RemoteNode | undefined;
  #state: SessionState = "starting";
  #isClosed = false;

  /** `kept` is what an earlier terminal has shown, from its `serialized`. */
  constructor(id: number, host: SessionHost, kept: string = "") {
    this.id = id;
    this.#host = host;
    this.#kept = kept;
    // "terminal" is a class of the terminal itself.
    this.#element.className = "frame";
    this.#element.setAttribute("part", "terminal");
    this.#probe.hidden = true;
    this.#element.append(this.#probe);
  }

  get state(): SessionState {
    return this.#state;
  }

  get text(): string {
    return this.#terminal?.text ?? "";
  }

  /** The same with its colours, for a terminal to come. */
  get serialized(): string {
    return this.#terminal?.serialized ?? "";
  }

  get terminal(): PageTerminal | undefined {
    return this.#terminal;
  }

  async start(remote: RemoteNode): Promise<void> {
    const again = this.#remote !== undefined || this.#kept !== "";
    this.#remote = remote;
    this.#become("starting");
    try {
      const terminal = (this.#terminal ??= await this.#open());
      if (again) await terminal.write(rule(terminal.columns, this.#host.words.say("shellNewOn", { node: remote.name })));
      const shell = await RemoteShell.start(remote, {
        terminal,
        shell: this.#host.kind,
        confirm: (command) => this.#host.confirm(command),
        edit: (text) => this.#host.edit(text),
        report: (problem) => this.#host.problem(problem),
      });
      if (this.#isClosed || this.#remote !== remote) {
        await shell.close();
        return;
      }
      this.#shell = shell;
      this.#become("running");
      void shell.ended.then(({ reason }) => {
        if (this.#shell === shell) this.#ended(endText(reason, this.#host.words));
      });
    } catch (error) {
      if (this.#remote === remote) this.#failed(messageOf(error, this.#host.words));
    }
  }

  lost(): void {
    if (this.#state === "lost") return;
    const shell = this.#shell;
    this.#shell = undefined;
    void shell?.close();
    void this.#terminal?.write(`\r\n${FAINT}${this.#host.words.say("shellWasLost")}${PLAIN}\r\n`);
    this.#become("lost");
  }

  interrupt(): void {
    this.#shell?.interrupt();
  }

  type(keys: string): void {
    if (this.#state === "ended" || this.#state === "failed") {
      if (keys.includes("\r") && this.#remote?.isConnected === true) void this.start(this.#remote);
    } else this.#shell?.type(keys);
  }

  clear(): void {
    this.#terminal?.clear();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const shell = this.#shell;
    this.#shell = undefined;
    this.#terminal?.dispose();
    this.#terminal = undefined;
    await shell?.close();
  }

  focus(): void {
    this.#terminal?.focus();
  }

  /** The page's colours have changed. */
  restyle(): void {
    if (this.#terminal !== undefined) this.#terminal.theme = terminalTheme(this.#probe);
  }

  view(): TemplateResult {
    return html`${this.#element}`;
  }

  async #open(): Promise<PageTerminal> {
    const { PageTerminal } = await import("./terminal.ts");
    const { fontFamily } = getComputedStyle(this.#element);
    const terminal = new PageTerminal(this.#element, {
      theme: terminalTheme(this.#probe),
      fontFamily,
      label: this.#host.words.say("shellTerminal"),
      cspNonce: this.#host.cspNonce,
      onKeys: (keys) => this.type(keys),
      onPaste: (text) => this.#shell?.paste(text),
      onShortcut: (event) => this.#shortcut(event),
      onResize: (change) => {
        if (this.#shell === undefined) change();
        else void this.#shell.resize(change);
      },
    });
    if (this.#kept !== "") await terminal.write(this.#kept);
    return terminal;
  }

  /** Says whether the key is not for the node. */
  #shortcut(event: KeyboardEvent): boolean {
    const { key, ctrlKey, shiftKey, altKey, metaKey } = event;
    const run = (action: () => void): true => {
      if (event.type === "keydown") {
        event.preventDefault();
        action();
      }
      return true;
    };
    if (key === "F6") return run(() => this.#host.leave());
    if (!ctrlKey || altKey || metaKey) return false;
    // The console's own.
    if (key === "`") return true;
    const selection = this.#terminal?.selection ?? "";
    if (shiftKey) {
      switch (key.toLowerCase()) {
        case "c":
          return run(() => void copy(selection));
        case "v":
          // The browser pastes by itself.
          return true;
        case "f":
          return run(() => this.#host.find());
        case "k":
          return run(() => this.clear());
        default:
          return false;
      }
    }
    if (key === "c" && selection !== "") {
      return run(() => {
        void copy(selection);
        this.#terminal?.clearFound();
      });
    }
    return key === "g" ? run(() => this.#host.leave()) : false;
  }

  #ended(text: string): void {
    // The connection tells of its own loss.
    if (this.#remote?.isConnected !== true) {
      this.lost();
      return;
    }
    this.#shell = undefined;
    void this.#terminal?.write(`\r\n${BOLD}${text}${PLAIN} ${this.#host.words.say("shellEnterAnother")}\r\n`);
    this.#become("ended");
  }

  #failed(text: string): void {
    void this.#terminal?.write(`\r\n${BOLD}${text}${PLAIN}\r\n${this.#host.words.say("shellEnterAgain")}\r\n`);
    this.#become("failed");
  }

  #become(state: SessionState): void {
    this.#state = state;
    this.#host.changed();
  }
}

async function copy(text: string): Promise<void> {
  if (text !== "") await navigator.clipboard.writeText(text);
}

/** A line across, with words in it: what comes below is not what was above. */
function rule(columns: number, words: string): string {
  const side = "─".repeat(Math.max(2, Math.floor((columns - words.length - 2) / 2)));
  return `\r\n${FAINT}${side} ${words} ${side}${PLAIN}\r\n`;
}
