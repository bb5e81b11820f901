// A terminal without a window, and what it shows as text.
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import headless from "@xterm/headless";
import type { Size } from "./pty.ts";

export class HeadlessScreen {
  readonly terminal: headless.Terminal;
  #received = 0;

  constructor({ columns, rows }: Size) {
    this.terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1_000 });
    this.terminal.loadAddon(new UnicodeGraphemesAddon());
  }

  get columns(): number {
    return this.terminal.cols;
  }

  get rows(): number {
    return this.terminal.rows;
  }

  /** Characters written to it. */
  get received(): number {
    return this.#received;
  }

  write(text: string): Promise<void> {
    this.#received += text.length;
    return new Promise((resolve) => this.terminal.write(text, resolve));
  }

  /** The rows in the window without blanks at their ends, and where the cursor is. */
  get shown(): string {
    const { active } = this.terminal.buffer;
    const rows = Array.from(
      { length: this.terminal.rows },
      (_, row) =>
        active
          .getLine(active.baseY + row)
          ?.translateToString(true)
          .trimEnd() ?? "",
    );
    return `${rows.join("\n").trimEnd()}\n[row ${active.cursorY}, column ${active.cursorX}]`;
  }

  dispose(): void {
    this.terminal.dispose();
  }
}
