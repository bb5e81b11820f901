// Drawing for OTP 25, where a driver's requests mean what the emulator's own terminal driver (ttsl_drv) makes of them: one line,
// in which `put_chars` writes over what is there.
import {
  atRowEnd,
  CARRIAGE_RETURN,
  type Cell,
  columnsOf,
  freeColumnsOf,
  LINE_BREAK,
  moveCursor,
  piecesOf,
  splitCodePoints,
  splitCodePointsBefore,
  textOf,
} from "./cells.ts";
import type { Screen, ScreenSize } from "./screen.ts";
import type { ScreenRequest } from "./screen-request.ts";

const TAB_STOP = 8;

export class TtyslScreen implements Screen {
  readonly #size: () => ScreenSize;
  #before: Cell[] = [];
  #after: Cell[] = [];

  constructor(size: () => ScreenSize) {
    this.#size = size;
  }

  get line(): string {
    return textOf(this.#before) + textOf(this.#after);
  }

  perform(request: ScreenRequest): string {
    switch (request.type) {
      case "put_chars":
        return this.#put(request.text);
      case "insert_chars":
        return this.#insert(request.text);
      case "delete_chars":
        return request.count < 0 ? this.#deleteBefore(-request.count) : this.#deleteAfter(request.count);
      case "move_rel":
        return this.#move(request.count);
      case "beep":
        return "\x07";
      // Only newer releases have these.
      case "insert_chars_over":
      case "put_expand":
      case "move_line":
      case "move_expand":
      case "move_combo":
      case "redraw_prompt":
      case "delete_line":
      case "delete_after_cursor":
      case "redraw":
      case "new_prompt":
      case "clear":
        return "";
      default:
        return request satisfies never;
    }
  }

  print(text: string): string {
    const erased = this.erase();
    const width = this.#width;
    const pieces = text.replaceAll("\n", "\r\n");
    const line = textOf(this.#before) + textOf(this.#after);
    const end = columnsOf(this.#before) + columnsOf(this.#after);
    return erased + pieces + line + atRowEnd(end, width) + moveCursor(end, columnsOf(this.#before), width);
  }

  erase(): string {
    const free = freeColumnsOf([...this.#before, ...this.#after], this.#width);
    return `${moveCursor(columnsOf(this.#before) + free, 0, this.#width)}\x1b[J`;
  }

  draw(): string {
    const width = this.#width;
    const end = columnsOf(this.#before) + columnsOf(this.#after);
    return this.line + atRowEnd(end, width) + moveCursor(end, columnsOf(this.#before), width);
  }

  #put(text: string): string {
    const { output, written } = this.#take(text);
    this.#after = this.#after.slice(written.length);
    this.#before.push(...written);
    return output + this.#shown(written);
  }

  #insert(text: string): string {
    const { output, written } = this.#take(text);
    this.#before.push(...written);
    const after = this.#after;
    const width = this.#width;
    const end = columnsOf(this.#before) + columnsOf(after);
    return output + textOf(written) + textOf(after) + atRowEnd(end, width) + moveCursor(end, columnsOf(this.#before), width);
  }

  #deleteBefore(count: number): string {
    const from = columnsOf(this.#before);
    const [kept, deleted] = splitCodePointsBefore(this.#before, count);
    this.#before = kept;
    return deleted.length === 0 ? "" : moveCursor(from, columnsOf(kept), this.#width) + this.#closeGap(deleted);
  }

  #deleteAfter(count: number): string {
    const [deleted, kept] = splitCodePoints(this.#after, count);
    this.#after = kept;
    return deleted.length === 0 ? "" : this.#closeGap(deleted);
  }

  #closeGap(deleted: readonly Cell[]): string {
    const width = this.#width;
    const start = columnsOf(this.#before);
    const blanks = columnsOf(deleted);
    const end = start + columnsOf(this.#after) + blanks;
    return this.#shown(this.#after) + " ".repeat(blanks) + atRowEnd(end, width) + moveCursor(end, start, width);
  }

  #move(count: number): string {
    const from = columnsOf(this.#before);
    if (count < 0) {
      const [kept, passed] = splitCodePointsBefore(this.#before, -count);
      this.#before = kept;
      this.#after = [...passed, ...this.#after];
    } else {
      const [passed, kept] = splitCodePoints(this.#after, count);
      this.#before = [...this.#before, ...passed];
      this.#after = kept;
    }
    return moveCursor(from, columnsOf(this.#before), this.#width);
  }

  /** Text of which the last line is still to be shown; what comes before it is in `output`. */
  #take(text: string): { readonly output: string; readonly written: Cell[] } {
    let output = "";
    let written: Cell[] = [];
    for (const piece of piecesOf(text, showControl)) {
      if (piece === LINE_BREAK || piece === CARRIAGE_RETURN) {
        output += textOf(written) + (piece === LINE_BREAK ? "\r\n" : "\r");
        this.#after = this.#after.slice(written.length);
        this.#before = [];
        written = [];
      } else if ("passing" in piece) written.push({ text: piece.passing, codePoints: 0, columns: 0 });
      else if (piece.text === "\t") written.push(this.#tab(written));
      else written.push(piece);
    }
    return { output, written };
  }

  #tab(written: readonly Cell[]): Cell {
    const columns = TAB_STOP - ((columnsOf(this.#before) + columnsOf(written)) % TAB_STOP);
    return { text: " ".repeat(columns), codePoints: 1, columns };
  }

  /** Cells that end where the line has been drawn to. */
  #shown(cells: readonly Cell[]): string {
    if (cells.length === 0) return "";
    const last = cells.at(-1)?.text ?? " ";
    const isAtEnd = this.#after.length === 0 || cells === this.#after;
    const end = columnsOf(this.#before) + (cells === this.#after ? columnsOf(this.#after) : 0);
    const next = atRowEnd(end, this.#width);
    return textOf(cells) + (next === "" || isAtEnd ? next : `${last}\b`);
  }

  get #width(): number {
    return this.#size().columns;
  }
}

function showControl(code: number): string {
  return code === 0x7f ? "^?" : `^${String.fromCharCode(code | 0x40)}`;
}
