// The command palette and the list of keys, loaded when somebody first asks for one of them.
import { type CSSResult, css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { StyledElement } from "../styled-element.ts";
import { controls } from "../controls.ts";
import { type Strings, STRINGS } from "../strings.ts";
import { tokens } from "../tokens.ts";
import { keyTitles, type OwnKeys } from "./key-titles.ts";
import { PALETTE_STRINGS } from "./palette-strings.ts";

export interface PaletteCommand {
  readonly title: string;
  readonly keys?: string | undefined;
  readonly run: () => void;
}

/** All that the palette says, in the words of the page where it has some. */
export type PaletteStrings = Readonly<Record<keyof typeof PALETTE_STRINGS | keyof typeof STRINGS, string>>;

export function paletteStrings(own: Strings): PaletteStrings {
  return { ...STRINGS, ...PALETTE_STRINGS, ...own };
}

export class ErlPalette extends StyledElement {
  static override properties: PropertyDeclarations = {
    commands: { attribute: false },
    forText: { attribute: false },
    mode: { attribute: false },
    keys: { attribute: false },
    strings: { attribute: false },
    _text: { state: true },
    _index: { state: true },
  };

  declare commands: readonly PaletteCommand[];
  /** Commands for what was typed itself, such as a pid. */
  declare forText: (text: string) => readonly PaletteCommand[];
  declare mode: "commands" | "keys";
  /** Of the page's own. */
  declare keys: OwnKeys | undefined;
  declare strings: PaletteStrings;

  declare private _text: string;
  declare private _index: number;

  #before: HTMLElement | undefined;

  static override styles: CSSResult[] = [
    tokens,
    controls,
    css`
      dialog {
        width: min(32rem, 90vw);
        max-height: 70vh;
        margin-top: 12vh;
        padding: 0;
        overflow: hidden auto;
        border: 1px solid var(--_border);
        border-radius: var(--_radius);
        background: var(--_surface);
        color: var(--_text);
        font: 0.9375rem / 1.5 var(--_font-ui);
      }

      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }

      .field {
        padding: 0.75rem;
      }

      [role="listbox"] {
        padding: 0 0.5rem 0.5rem;
      }

      [role="option"] {
        display: flex;
        gap: 1rem;
        justify-content: space-between;
        padding: 0.25rem 0.5rem;
        border-radius: var(--_radius-small);
        cursor: pointer;
      }

      [role="option"][aria-selected="true"] {
        outline: 2px solid var(--_accent);
        outline-offset: -2px;
        background: var(--_surface-3);
      }

      kbd {
        color: var(--_muted);
        font: 0.8125rem var(--_font-mono);
      }

      .keys {
        padding: 1rem;
      }

      .keys dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 0.25rem 1rem;
        margin: 0.5rem 0 1rem;
      }
    `,
  ];

  constructor() {
    super();
    this.commands = [];
    this.forText = () => [];
    this.mode = "commands";
    this.strings = paletteStrings({});
    this._text = "";
    this._index = 0;
  }

  /** Opens it; when it closes the focus goes back to where it was, unless a command has moved it. */
  async open(mode: "commands" | "keys", focused: HTMLElement | undefined): Promise<void> {
    this.mode = mode;
    this._text = "";
    this._index = 0;
    this.#before = focused;
    await this.updateComplete;
    const dialog = this.#dialog;
    if (dialog !== null && !dialog.open) dialog.showModal();
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector("dialog");
  }

  get #found(): readonly PaletteCommand[] {
    const words = this._text.toLowerCase().split(/\s+/);
    const matching = this.commands.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
    return [...this.forText(this._text.trim()), ...matching];
  }

  protected override render(): TemplateResult {
    return html`
      <dialog part="dialog" aria-label=${this.mode === "keys" ? this.strings.paletteKeys : this.strings.commands} @close=${() => this.#before?.focus()}>
        ${this.mode === "keys" ? this.#keysView() : this.#commandsView()}
      </dialog>
    `;
  }

  #commandsView(): TemplateResult {
    const found = this.#found;
    const chosen = found[this._index];
    return html`
      <div class="field">
        <input
          part="input"
          role="combobox"
          aria-label=${this.strings.paletteCommand}
          aria-expanded="true"
          aria-controls="commands"
          aria-activedescendant=${chosen === undefined ? nothing : `command-${this._index}`}
          placeholder=${this.strings.paletteHint}
          spellcheck="false"
          autocomplete="off"
          autofocus
          .value=${this._text}
          @input=${this.#typed}
          @keydown=${this.#key}
        />
      </div>
      <div role="listbox" id="commands" aria-label=${this.strings.commands}>
        ${found.map(
          ({ title, keys }, index) => html`
            <div
              role="option"
              id="command-${index}"
              aria-selected=${index === this._index ? "true" : "false"}
              @click=${() => this.#run(index)}
            >
              <span>${title}</span>${keys === undefined ? nothing : html`<kbd>${keys}</kbd>`}
            </div>
          `,
        )}
      </div>
    `;
  }

  #keysView(): TemplateResult {
    const { strings } = this;
    return html`
      <div class="keys">
        <p class="title">${strings.paletteKeysWhere}</p>
        <dl>${keyTitles(this.keys, strings).map(([keys, title]) => html`<dt><kbd>${keys}</kbd></dt><dd>${title}</dd>`)}</dl>
        <button part="button" type="button" autofocus @click=${() => this.#dialog?.close()}>${strings.paletteClose}</button>
      </div>
    `;
  }

  readonly #typed = (event: Event): void => {
    // The listener sits on the input.
    this._text = (event.currentTarget as HTMLInputElement).value;
    this._index = 0;
  };

  readonly #key = (event: KeyboardEvent): void => {
    const count = this.#found.length;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && count > 0) {
      event.preventDefault();
      this._index = (this._index + step + count) % count;
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.#run(this._index);
    }
  };

  #run(index: number): void {
    const command = this.#found[index];
    if (command === undefined) return;
    // The event of closing comes later, and must not take the focus from where the command puts it.
    const before = this.#before;
    this.#before = undefined;
    this.#dialog?.close();
    before?.focus();
    command.run();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "erl-palette": ErlPalette;
  }
}
