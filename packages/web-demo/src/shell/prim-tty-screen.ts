// Drawing for OTP 26 and newer, where a driver's requests mean what kernel's prim_tty makes of them: text is put above the
// edited lines, these can be several, and an area below them shows completions and help.
import {
  atRowEnd,
  CARRIAGE_RETURN,
  type Cell,
  columnsOf,
  freeColumnsOf,
  grapheme,
  LINE_BREAK,
  moveCursor,
  piecesOf,
  type Passing,
  splitCodePoints,
  splitCodePointsBefore,
  splitColumns,
  textOf,
} from "./cells.ts";
import type { Screen, ScreenSize } from "./screen.ts";
import type { ScreenRequest } from "./screen-request.ts";

/** What is being edited: the line with the cursor in it, and the lines around, the topmost first. */
interface Edited {
  readonly above: readonly (readonly Cell[])[];
  readonly before: readonly Cell[];
  readonly after: readonly Cell[];
  readonly below: readonly (readonly Cell[])[];
}

interface Expanded {
  readonly text: string;
  /** Rows that may be shown; 0: as many as there is room for. */
  readonly rowLimit: number;
  /** The first that is shown, from 1. */
  readonly row: number;
}

const NOTHING: Edited = { above: [], before: [], after: [], below: [] };
const CLEAR_BELOW = "\x1b[J";
const CLEAR_ALL = "\x1b[H\x1b[2J";
// Bold bright white on cyan, as the node's own terminal has it.
const STATUS_COLOURS = "\x1b[46;97;1m";
const NO_COLOURS = "\x1b[0m";

export class PrimTtyScreen implements Screen {
  readonly #size: () => ScreenSize;
  #edited: Edited = NOTHING;
  #expanded: Expanded | undefined;

  constructor(size: () => ScreenSize) {
    this.#size = size;
  }

  get line(): string {
    const { above, before, after, below } = this.#edited;
    return [...above.map(textOf), textOf(before) + textOf(after), ...below.map(textOf)].join("\n");
  }

  perform(request: ScreenRequest): string {
    // All but these end the area below.
    const closed = request.type === "redraw" || request.type === "move_expand" ? "" : this.#closeExpanded();
    return closed + this.#perform(request);
  }

  print(text: string): string {
    return this.#closeExpanded() + this.#put(text);
  }

  erase(): string {
    const { above, before, after } = this.#edited;
    const width = this.#width;
    const free = (cells: readonly Cell[]): number => freeColumnsOf(cells, width);
    const rowsAbove = above.reduce((sum, line) => sum + Math.max(1, Math.ceil((columnsOf(line) + free(line)) / width)), 0);
    const column = columnsOf(before) + free([...before, ...after]);
    return isNothing(this.#edited) ? "" : moveCursor(rowsAbove * width + column, 0, width) + CLEAR_BELOW;
  }

  draw(): string {
    return this.#draw(this.#edited);
  }

  #perform(request: ScreenRequest): string {
    switch (request.type) {
      case "redraw":
        return this.#redraw();
      case "move_expand":
        return this.#page(request.count);
      case "put_chars":
        return this.#put(request.text);
      case "insert_chars":
        return this.#insert(request.text);
      case "insert_chars_over":
        return this.#insertOver(request.text);
      case "put_expand":
        this.#expanded = { text: request.text, rowLimit: request.rows, row: 1 };
        return this.#redraw();
      case "delete_chars":
        return request.count < 0 ? this.#deleteBefore(-request.count) : this.#deleteAfter(request.count);
      case "move_rel":
        return this.#move(request.count);
      case "move_line":
        return this.#moveLine(request.count);
      case "move_combo":
        return this.#move(request.before) + this.#moveLine(request.lines) + this.#move(request.after);
      case "redraw_prompt":
        return this.#redrawPrompt(request);
      case "delete_line": {
        const output = this.#erase(this.#edited);
        this.#edited = NOTHING;
        return output;
      }
      case "delete_after_cursor":
        this.#edited = { ...this.#edited, after: [], below: [] };
        return CLEAR_BELOW;
      case "new_prompt":
        this.#edited = NOTHING;
        return "";
      case "clear":
        this.#edited = NOTHING;
        return CLEAR_ALL;
      case "beep":
        return "\x07";
      default:
        return request satisfies never;
    }
  }

  /** Above what is edited; where nothing is, where the cursor stands. */
  #put(text: string): string {
    const edited = this.#edited;
    const { output } = this.#write(NOTHING, text);
    return isNothing(edited) ? output : this.#erase(edited) + output + this.#draw(edited);
  }

  #insert(text: string): string {
    const old = this.#edited;
    const { output, edited } = this.#write(old, text, false);
    const width = this.#width;
    const before = columnsOf(edited.before);
    const end = before + columnsOf(edited.after);
    this.#edited = edited;
    if (edited.below.length > 0 && end % width !== 0) return this.#erase(old) + this.#draw(edited);
    return output + textOf(edited.after) + atRowEnd(end, width) + moveCursor(end, before, width);
  }

  #insertOver(text: string): string {
    const old = this.#edited;
    const { output, edited } = this.#write(old, text);
    const written = codePoints(edited) - codePoints(old);
    this.#edited = { ...edited, after: splitCodePoints(edited.after, written)[1] };
    return output;
  }

  #deleteAfter(count: number): string {
    if (count === 0) return "";
    const old = this.#edited;
    const [deleted, after] = splitCodePoints(old.after, count);
    return this.#delete(old, { ...old, after }, columnsOf(deleted), count, "");
  }

  #deleteBefore(count: number): string {
    const old = this.#edited;
    const [before, deleted] = splitCodePointsBefore(old.before, count);
    const kept = columnsOf(before);
    const back = moveCursor(kept + columnsOf(deleted), kept, this.#width);
    return this.#delete(old, { ...old, before }, columnsOf(deleted), count, back);
  }

  #delete(old: Edited, edited: Edited, deletedColumns: number, count: number, back: string): string {
    this.#edited = edited;
    const width = this.#width;
    // A line that has got a row shorter moves those below it.
    if (old.below.length > 0 && (columnsOf(old.before) + columnsOf(old.after) - count) % width === 0) {
      return this.#erase(old) + this.#draw(edited);
    }
    const before = columnsOf(edited.before);
    const end = before + columnsOf(edited.after) + deletedColumns;
    const blanks = " ".repeat(deletedColumns);
    return back + textOf(edited.after) + blanks + atRowEnd(end, width) + moveCursor(end, before, width);
  }

  #move(count: number): string {
    if (count === 0) return "";
    const { before, after } = this.#edited;
    const [first, rest] = count < 0 ? splitCodePointsBefore(before, -count) : splitCodePoints(after, count);
    this.#edited =
      count < 0
        ? { ...this.#edited, before: first, after: [...rest, ...after] }
        : { ...this.#edited, before: [...before, ...first], after: rest };
    return moveCursor(columnsOf(before), columnsOf(this.#edited.before), this.#width);
  }

  #moveLine(count: number): string {
    const old = this.#edited;
    const { above, before, after, below } = old;
    const from = above.length;
    const lines = [...above, [...before, ...after], ...below];
    const to = from + count;
    const target = lines[to];
    if (count === 0 || target === undefined) return "";
    const [newBefore, newAfter] = splitColumns(target, Math.min(columnsOf(before), columnsOf(target)));
    this.#edited = { above: lines.slice(0, to), before: newBefore, after: newAfter, below: lines.slice(to + 1) };
    const width = this.#width;
    // As the node counts, so that both redraw at the same moment.
    const inView = count < 0 ? [target, [...before, ...after], ...above] : [target, ...lines.slice(0, to)];
    if (this.#columnsOfLines(inView) / width >= this.#size().rows) return this.#erase(old) + this.#draw(this.#edited);
    return count < 0
      ? moveCursor(this.#columnsOfLines(lines.slice(to, from)), 0, width)
      : moveCursor(0, this.#columnsOfLines(lines.slice(from, to)), width);
  }

  #redrawPrompt({ prompt, nextPrompt, lines }: Extract<ScreenRequest, { readonly type: "redraw_prompt" }>): string {
    const erased = this.#erase(this.#edited);
    const { above, before, after, below } = lines;
    const text = prompt + [...above, before + after, ...below].join(`\n${nextPrompt}`);
    this.#edited = this.#write(NOTHING, text, false).edited;
    const last = below.at(-1);
    if (last === undefined) this.#move(-length(after));
    else {
      this.#move(-length(last));
      this.#moveLine(-below.length);
      this.#move(length(before));
    }
    return erased + this.#draw(this.#edited);
  }

  #redraw(): string {
    return this.#erase(this.#edited) + this.#draw(this.#edited);
  }

  #closeExpanded(): string {
    if (this.#expanded === undefined) return "";
    this.#expanded = undefined;
    return this.#redraw();
  }

  /** Shows other rows of the area below. */
  #page(count: number): string {
    const expanded = this.#expanded ?? { text: "", rowLimit: 0, row: 1 };
    const { all, shown } = this.#expandedRows(expanded);
    const row = all > shown ? Math.min(all - shown + 1, Math.max(1, expanded.row + count)) : 1;
    if (this.#expanded !== undefined) this.#expanded = { ...expanded, row };
    return this.#redraw();
  }

  /** From anywhere in what is edited to its beginning, and clears from there. */
  #erase(edited: Edited): string {
    if (isNothing(edited)) return "";
    return moveCursor(this.#columnsOfLines(edited.above) + columnsOf(edited.before), 0, this.#width) + CLEAR_BELOW;
  }

  /** All that is edited, or what of it there is room for; the cursor goes to its place. */
  #draw(edited: Edited): string {
    const width = this.#width;
    const { text, end, fits } = this.#inView(edited);
    const before = columnsOf(edited.before);
    const drawn = this.#write(NOTHING, text);
    const toCursor = moveCursor(end, before, width);
    if (this.#expanded === undefined) return drawn.output + atRowEnd(columnsOf(drawn.edited.before), width) + toCursor;
    const last = edited.below.at(-1);
    const from = fits && last !== undefined && last.length > 0 ? columnsOf(last) : before + columnsOf(edited.after);
    const area = `\r\n${this.#expandedText(this.#expanded)}`;
    const { output, columns } = this.#writeArea(area, from);
    return drawn.output + output + moveCursor(columns, from, width) + toCursor;
  }

  #inView(edited: Edited): { readonly text: string; readonly end: number; readonly fits: boolean } {
    const { above, before, after, below } = edited;
    const width = this.#width;
    const { rows } = this.#size();
    const line = [...before, ...after];
    const rowsOf = (lines: readonly (readonly Cell[])[]): number => this.#columnsOfLines(lines) / width;
    const expandedRows = this.#expanded === undefined ? 0 : this.#expandedRows(this.#expanded).wanted;
    let shownAbove = above;
    let shownBelow = below;
    const fits = rowsOf(above) + rowsOf([line]) + expandedRows + rowsOf(below) <= rows;
    if (!fits) {
      const roomAbove = Math.max(0, rows - rowsOf([line]) - expandedRows);
      shownAbove = this.#lastRows(above, roomAbove);
      // One row is kept free: the end of a line may need it.
      const roomBelow = Math.max(0, rows - rowsOf([line]) - expandedRows - rowsOf(above) - 1);
      shownBelow = this.#expanded === undefined ? this.#firstRows(below, roomBelow) : [];
    }
    const last = shownBelow.at(-1);
    const end = last === undefined ? columnsOf(line) : columnsOf(last) + this.#columnsOfLines([line, ...shownBelow.slice(0, -1)]);
    return { text: [...shownAbove, line, ...shownBelow].map(textOf).join("\n"), end, fits };
  }

  #lastRows(lines: readonly (readonly Cell[])[], rows: number): readonly (readonly Cell[])[] {
    const kept: (readonly Cell[])[] = [];
    let left = rows * this.#width;
    for (const line of lines.toReversed()) {
      if (left <= 0) break;
      const columns = columnsOf(line);
      if (columns > left) {
        const [, half] = splitColumns(line, left);
        if (half.length > 0) kept.unshift(half);
        break;
      }
      kept.unshift(line);
      left -= this.#columnsOfLines([line]);
    }
    return kept;
  }

  #firstRows(lines: readonly (readonly Cell[])[], rows: number): readonly (readonly Cell[])[] {
    const kept: (readonly Cell[])[] = [];
    let left = rows * this.#width;
    for (const line of lines) {
      if (left <= 0) break;
      const columns = columnsOf(line);
      if (columns > left) {
        const [half] = splitColumns(line, left);
        if (half.length > 0) kept.push(half);
        break;
      }
      kept.push(line);
      left -= this.#columnsOfLines([line]);
    }
    return kept;
  }

  #expandedLines({ text }: Expanded): Cell[][] {
    return text.split("\n").map((line) => piecesOf(line, showControl).filter(isCell));
  }

  #expandedRows(expanded: Expanded): { readonly all: number; readonly wanted: number; readonly shown: number } {
    const width = this.#width;
    const all = this.#columnsOfLines(this.#expandedLines(expanded)) / width;
    const wanted = expanded.rowLimit === 0 ? all : Math.min(expanded.rowLimit, all);
    const { before, after } = this.#edited;
    const line = this.#columnsOfLines([[...before, ...after]]) / width;
    return { all, wanted, shown: Math.min(wanted, this.#size().rows - 1 - line) };
  }

  /** The rows that are shown, and below them which those are. */
  #expandedText(expanded: Expanded): string {
    const { all, shown } = this.#expandedRows(expanded);
    if (all <= shown) return expanded.text;
    const lines = this.#expandedLines(expanded);
    const skipped = Math.max(0, expanded.row - 1) * this.#width;
    let left = skipped;
    let first = 0;
    let half: Cell[] = [];
    for (; first < lines.length && left > 0; first++) {
      const line = lines[first] as Cell[];
      if (columnsOf(line) > left) {
        half = splitColumns(line, left)[1];
        first++;
        break;
      }
      left -= this.#columnsOfLines([line]);
    }
    const view = this.#firstRows([...lines.slice(first), half], Math.max(0, shown));
    const status = `${STATUS_COLOURS}rows ${expanded.row} to ${expanded.row - 1 + shown} of ${all}${NO_COLOURS}`;
    return [...view.map(textOf), status].join("\n");
  }

  /** Text behind what is edited; `columns` is where it ends, counted as in `moveCursor`. */
  #writeArea(text: string, from: number): { readonly output: string; readonly columns: number } {
    const width = this.#width;
    let output = "";
    let full = 0;
    let current = from;
    const wrap = (): void => {
      while (current > width) {
        full += width;
        current -= width;
      }
    };
    wrap();
    const breakLine = (mark: string): void => {
      output += mark;
      full += width;
      current = 0;
    };
    for (const piece of piecesOf(text.replaceAll("\r\n", "\n"), showControl)) {
      if (piece === LINE_BREAK) breakLine("\r\n");
      else if (piece === CARRIAGE_RETURN) output += "\r";
      else if (isCell(piece)) {
        output += piece.text;
        current += piece.columns;
        wrap();
      } else output += piece.passing;
    }
    return { output, columns: full + current };
  }

  /** Text at the cursor, before what stands after it, which is not drawn. */
  #write(old: Edited, text: string, goesOn: boolean = true): { readonly output: string; readonly edited: Edited } {
    let output = "";
    const above = [...old.above];
    let before: readonly Cell[] = old.before;
    let added: Cell[] = [];
    let pieces = piecesOf(text, showControl);
    const joined = this.#joined(before, text);
    if (joined !== undefined) {
      before = [...before.slice(0, -1), joined.cell];
      output += joined.added;
      pieces = piecesOf(text.slice(joined.added.length), showControl);
    }
    for (let index = 0; index < pieces.length; index++) {
      const piece = pieces[index];
      if (piece === CARRIAGE_RETURN && pieces[index + 1] === LINE_BREAK) {
        // One grapheme for the node, and no line break: the line goes on, wherever it is shown.
        output += "\r\n";
        added.push({ text: "\r\n", codePoints: 2, columns: 0 });
        index++;
      } else if (piece === LINE_BREAK || piece === CARRIAGE_RETURN) {
        output += piece === LINE_BREAK ? "\r\n" : "\r";
        if (before.length > 0 || added.length > 0) above.push([...before, ...added]);
        before = [];
        added = [];
      } else if (piece !== undefined && isCell(piece)) {
        output += piece.text;
        added.push(piece);
      } else if (piece !== undefined) output += piece.passing;
    }
    const edited = { ...old, above, before: [...before, ...added] };
    return { output: output + (goesOn ? atRowEnd(columnsOf(edited.before), this.#width) : ""), edited };
  }

  /** A mark that belongs to the character before the cursor becomes one with it. */
  #joined(before: readonly Cell[], text: string): { readonly cell: Cell; readonly added: string } | undefined {
    const last = before.at(-1);
    if (last === undefined || last.codePoints === 0 || text === "" || (text.codePointAt(0) ?? 0) < 0x80) return undefined;
    const [first] = piecesOf(last.text + text, showControl);
    if (first === undefined || !isCell(first) || first.text.length <= last.text.length) return undefined;
    return { cell: grapheme(first.text), added: first.text.slice(last.text.length) };
  }

  get #width(): number {
    return this.#size().columns;
  }

  /** Columns of whole rows: a line takes at least one. */
  #columnsOfLines(lines: readonly (readonly Cell[])[]): number {
    const width = this.#width;
    return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(columnsOf(line) / width)) * width, 0);
  }
}

function isNothing({ above, before, after, below }: Edited): boolean {
  return above.length === 0 && before.length === 0 && after.length === 0 && below.length === 0;
}

function isCell(piece: Cell | Passing | typeof LINE_BREAK | typeof CARRIAGE_RETURN): piece is Cell {
  return typeof piece === "object" && "columns" in piece;
}

function codePoints({ above, before }: Edited): number {
  return [...above.flat(), ...before].reduce((sum, cell) => sum + cell.codePoints, 0);
}

function length(text: string): number {
  return Array.from(text).length;
}

/** As prim_tty shows it, which is not quite the usual notation. */
function showControl(code: number): string {
  return code === 0x7f ? "^?" : `^${String.fromCharCode(code | 0x20)}`;
}
