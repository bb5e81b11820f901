// A shell line by line: what it prints is a log, what is typed a field below it. No cursor moves over a screen, so a screen reader can
// follow, and the keyboard of a phone works.
import { html, type TemplateResult } from "lit";
import { createRef, ref, type Ref } from "lit/directives/ref.js";
import { repeat } from "lit/directives/repeat.js";
import type { RemoteNode } from "../../remote/remote-node.ts";
import { LineShell } from "../../shell/line-shell.ts";
import { commandThatStops } from "../../shell/stops-node.ts";
import { messageOf } from "../problem.ts";
import { endText, type Session, type SessionHost, type SessionState } from "./session.ts";

interface Entry {
  readonly id: number;
  readonly kind: "typed" | "printed" | "note";
  readonly text: string;
}

/** Entries and characters that are kept, so that a shell that prints without end does not fill the page. */
const MAX_ENTRIES = 1_000;
const MAX_CHARACTERS = 20_000;
const MAX_HISTORY = 200;
// oxlint-disable-next-line no-control-regex
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])/g;

export class LineSession implements Session {
  readonly id: number;
  readonly #host: SessionHost;
  readonly #field: Ref<HTMLTextAreaElement> = createRef();
  readonly #log: Ref<HTMLElement> = createRef();
  #entries: readonly Entry[] = [];
  #lastEntry = 0;
  #prompt = "";
  #state: SessionState = "starting";
  #shell: LineShell | undefined;
  #remote: RemoteNode | undefined;
  #isClosed = false;
  #history: readonly string[] = [];
  /** How far back in the history the field is. */
  #back = 0;

  constructor(id: number, host: SessionHost) {
    this.id = id;
    this.#host = host;
  }

  get state(): SessionState {
    return this.#state;
  }

  get text(): string {
    return this.#entries.map(({ text }) => text).join("\n");
  }

  async start(remote: RemoteNode): Promise<void> {
    if (this.#remote !== undefined) this.#add("note", this.#host.words.say("shellNewNote", { node: remote.name }));
    this.#remote = remote;
    this.#become("starting");
    try {
      const shell = await LineShell.start(remote, {
        shell: this.#host.kind,
        print: (text) => this.#print(text),
        ask: (prompt) => {
          this.#prompt = prompt;
          this.#host.changed();
        },
      });
      if (this.#isClosed || this.#remote !== remote) {
        await shell.close();
        return;
      }
      this.#shell = shell;
      this.#become("running");
      void shell.ended.then(({ reason }) => {
        if (this.#shell !== shell) return;
        this.#shell = undefined;
        if (!remote.isConnected) {
          this.lost();
          return;
        }
        this.#add("note", endText(reason, this.#host.words));
        this.#become("ended");
      });
    } catch (error) {
      if (this.#remote !== remote) return;
      this.#add("note", messageOf(error, this.#host.words));
      this.#become("failed");
    }
  }

  lost(): void {
    if (this.#state === "lost") return;
    const shell = this.#shell;
    this.#shell = undefined;
    void shell?.close();
    this.#prompt = "";
    this.#add("note", this.#host.words.say("shellWasLost"));
    this.#become("lost");
  }

  interrupt(): void {
    this.#shell?.interrupt();
  }

  type(keys: string): void {
    const field = this.#field.value;
    if (field === undefined) return;
    field.value += keys.replace(/\r$/, "");
    if (keys.endsWith("\r")) field.form?.requestSubmit();
  }

  clear(): void {
    this.#entries = [];
    this.#host.changed();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const shell = this.#shell;
    this.#shell = undefined;
    await shell?.close();
  }

  focus(): void {
    this.#field.value?.focus();
  }

  view(): TemplateResult {
    const { words } = this.#host;
    const running = this.#state === "running";
    const restart = (): void => {
      if (this.#remote?.isConnected === true) void this.start(this.#remote);
    };
    return html`
      <div class="lines" part="terminal">
        <div class="log" role="log" tabindex="0" aria-label=${words.say("shellOutput")} ${ref(this.#log)}>
          ${repeat(
            this.#entries,
            ({ id }) => id,
            ({ kind, text }) => html`<pre class=${kind}>${text}</pre>`,
          )}
        </div>
        <form class="entry" @submit=${this.#submit}>
          <label>
            <span class="prompt">${this.#prompt.trim() === "" ? words.say("shellExpression") : this.#prompt}</span>
            <textarea
              rows="2"
              spellcheck="false"
              autocapitalize="off"
              autocomplete="off"
              ?disabled=${!running}
              @keydown=${this.#key}
              ${ref(this.#field)}
            ></textarea>
          </label>
          <span class="buttons">
            <button part="button" class="primary" ?disabled=${!running}>${words.say("send")}</button>
            <button part="button" type="button" ?disabled=${!running} @click=${() => this.interrupt()}>${words.say("shellInterrupt")}</button>
            ${
              this.#state === "ended" || this.#state === "failed"
                ? html`<button part="button" type="button" @click=${restart}>${words.say("shellStartAnother")}</button>`
                : ""
            }
          </span>
        </form>
      </div>
    `;
  }

  /** The newest is in view, unless somebody has scrolled up. */
  updated(): void {
    const log = this.#log.value;
    if (log !== undefined && log.scrollHeight - log.scrollTop - log.clientHeight < log.clientHeight)
      log.scrollTop = log.scrollHeight;
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void this.#send();
  };

  async #send(): Promise<void> {
    const field = this.#field.value;
    const text = field?.value.trimEnd() ?? "";
    if (field === undefined || this.#shell === undefined) return;
    const command = commandThatStops(text);
    if (command !== undefined && !(await this.#host.confirm(command))) return;
    field.value = "";
    this.#back = 0;
    if (text.trim() !== "") this.#history = [text, ...this.#history.filter((each) => each !== text)].slice(0, MAX_HISTORY);
    this.#add("typed", `${this.#prompt}${text}`);
    this.#prompt = "";
    this.#shell.enter(text);
    this.focus();
  }

  readonly #key = (event: KeyboardEvent): void => {
    const field = this.#field.value;
    if (field === undefined || event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void this.#send();
    } else if (event.key === "Tab" && !event.shiftKey && field.value.slice(0, field.selectionStart).trim() !== "") {
      event.preventDefault();
      void this.#complete(field);
    } else if (event.key === "ArrowUp" && !field.value.slice(0, field.selectionStart).includes("\n")) this.#recall(event, 1);
    else if (event.key === "ArrowDown" && !field.value.slice(field.selectionEnd).includes("\n")) this.#recall(event, -1);
    else if (event.key === "c" && event.ctrlKey && field.selectionStart === field.selectionEnd) this.interrupt();
    else if (event.key === "F6") {
      event.preventDefault();
      this.#host.leave();
    }
  };

  /** An empty field is left with Tab. */
  async #complete(field: HTMLTextAreaElement): Promise<void> {
    const { value, selectionStart } = field;
    const line = value.slice(0, selectionStart).split("\n").at(-1) ?? "";
    try {
      const found = await this.#shell?.complete(line);
      // Meanwhile somebody has typed on.
      if (found === undefined || field.value !== value || field.selectionStart !== selectionStart) return;
      if (found.insert !== "") field.setRangeText(found.insert, selectionStart, selectionStart, "end");
      else
        this.#add(
          "note",
          found.candidates.length === 0 ? this.#host.words.say("shellNothingToComplete") : found.candidates.join("  "),
        );
    } catch (error) {
      this.#add("note", messageOf(error, this.#host.words));
    }
  }

  #recall(event: KeyboardEvent, step: 1 | -1): void {
    const back = this.#back + step;
    if (back < 0 || back > this.#history.length) return;
    event.preventDefault();
    this.#back = back;
    const field = this.#field.value;
    if (field !== undefined) field.value = back === 0 ? "" : (this.#history[back - 1] ?? "");
  }

  /** Resolves with the next frame: whoever prints waits until it is shown. */
  async #print(text: string): Promise<void> {
    const plain = text.replaceAll(ESCAPES, "").replaceAll("\r\n", "\n");
    this.#add("printed", plain);
    await new Promise((resolve) => setTimeout(resolve));
  }

  #add(kind: Entry["kind"], text: string): void {
    const last = this.#entries.at(-1);
    // Pieces of one line are one entry, or a screen reader would stop between them.
    if (kind === "printed" && last?.kind === "printed" && !last.text.endsWith("\n") && last.text.length < MAX_CHARACTERS) {
      this.#entries = [...this.#entries.slice(0, -1), { ...last, text: last.text + text }];
    } else {
      const entry = { id: ++this.#lastEntry, kind, text: text.slice(0, MAX_CHARACTERS) };
      this.#entries = [...this.#entries.slice(1 - MAX_ENTRIES), entry];
    }
    this.#host.changed();
  }

  #become(state: SessionState): void {
    this.#state = state;
    this.#host.changed();
  }
}
