// The terminal of a shell in the page: @xterm/xterm with what belongs to it. A file of its own, fetched with the first shell.
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { SerializeAddon } from "@xterm/addon-serialize";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { WebglAddon } from "@xterm/addon-webgl";
import { type ITheme, Terminal } from "@xterm/xterm";
import type { ShellTerminal } from "../../shell/remote-shell.ts";

export interface TerminalOptions {
  readonly theme: ITheme;
  readonly fontFamily: string;
  readonly label: string;
  readonly cspNonce: string;
  /** Keys, as a terminal sends them. */
  readonly onKeys: (keys: string) => void;
  readonly onPaste: (text: string) => void;
  /** A key that is not for the node; false lets it go there. */
  readonly onShortcut: (event: KeyboardEvent) => boolean;
  /** The size changes: `change` makes it so. */
  readonly onResize: (change: () => void) => void;
}

const SCROLLBACK_LINES = 5_000;
const CONTRAST = 4.5;

export class PageTerminal implements ShellTerminal {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon();
  readonly #serialize = new SerializeAddon();
  readonly #observer: ResizeObserver;
  readonly #onResize: TerminalOptions["onResize"];

  constructor(container: HTMLElement, options: TerminalOptions) {
    this.#onResize = options.onResize;
    const terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: false,
      fontFamily: options.fontFamily,
      fontSize: 14,
      minimumContrastRatio: CONTRAST,
      scrollback: SCROLLBACK_LINES,
      theme: options.theme,
      documentOverride: options.cspNonce === "" ? null : documentWithNonce(options.cspNonce),
    });
    this.#terminal = terminal;
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(this.#search);
    terminal.loadAddon(this.#serialize);
    terminal.loadAddon(new UnicodeGraphemesAddon());
    terminal.loadAddon(new WebLinksAddon());
    terminal.attachCustomKeyEventHandler((event) => !options.onShortcut(event));
    terminal.onData(options.onKeys);
    // Before the terminal, which would send tabs and line breaks as they are.
    const pasted = (event: ClipboardEvent): void => {
      event.preventDefault();
      event.stopImmediatePropagation();
      options.onPaste(event.clipboardData?.getData("text/plain") ?? "");
    };
    container.addEventListener("paste", pasted, { capture: true });
    withNonce(options.cspNonce, () => terminal.open(container));
    terminal.textarea?.setAttribute("aria-label", options.label);
    // Without WebGL the terminal needs style attributes, which a strict policy does not let pass.
    if (options.cspNonce !== "" || hasFastWebGl()) this.#drawFast();
    this.fit();
    this.#observer = new ResizeObserver(() => this.fit());
    this.#observer.observe(container);
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  get selection(): string {
    return this.#terminal.getSelection();
  }

  /** All that is there, scrolled away or not, as text. */
  get text(): string {
    const { active } = this.#terminal.buffer;
    return Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? "")
      .join("\n")
      .trimEnd();
  }

  /** The same with its colours, to be written to another terminal. */
  get serialized(): string {
    return this.#serialize.serialize();
  }

  set theme(theme: ITheme) {
    this.#terminal.options.theme = theme;
  }

  write(text: string): Promise<void> {
    return new Promise((resolve) => this.#terminal.write(text, resolve));
  }

  /** As large as there is room for. One that is not shown keeps its size. */
  fit(): void {
    const size = this.#fit.proposeDimensions();
    if (size === undefined || !(size.cols > 1) || !(size.rows > 0)) return;
    if (size.cols === this.columns && size.rows === this.rows) return;
    this.#onResize(() => this.#terminal.resize(size.cols, size.rows));
  }

  /** Says whether the text was found. */
  find(text: string, direction: "next" | "previous"): boolean {
    return direction === "next" ? this.#search.findNext(text) : this.#search.findPrevious(text);
  }

  clearFound(): void {
    this.#search.clearDecorations();
    this.#terminal.clearSelection();
  }

  clear(): void {
    this.#terminal.clear();
  }

  focus(): void {
    this.#terminal.focus();
  }

  dispose(): void {
    this.#observer.disconnect();
    this.#terminal.dispose();
  }

  #drawFast(): void {
    try {
      const webgl = new WebglAddon();
      webgl.onContextLoss(() => webgl.dispose());
      this.#terminal.loadAddon(webgl);
    } catch {
      // No WebGL 2 here: the terminal goes on drawing with elements.
    }
  }
}

/** Whether WebGL 2 is there and no emulation, which is slower than drawing with elements. */
function hasFastWebGl(): boolean {
  const context = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}

/** The scroll bar makes its style element of the page's document whatever it is told, so that has the nonce for as long as this runs. */
function withNonce(nonce: string, run: () => void): void {
  if (nonce === "") {
    run();
    return;
  }
  document.createElement = createWithNonce(nonce);
  try {
    run();
  } finally {
    // The method of all documents is there again.
    Reflect.deleteProperty(document, "createElement");
  }
}

/** The document, whose new style elements have the nonce that the page's policy asks for. */
function documentWithNonce(nonce: string): Document {
  const createElement = createWithNonce(nonce);
  return new Proxy(document, {
    get(target, property) {
      if (property === "createElement") return createElement;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function createWithNonce(nonce: string): Document["createElement"] {
  return (...args: Parameters<Document["createElement"]>) => {
    const element = Document.prototype.createElement.apply(document, args);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };
}
