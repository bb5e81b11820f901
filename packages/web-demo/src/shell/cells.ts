// Text as a terminal shows it: cut into what takes its columns together.
import { eastAsianWidth } from "get-east-asian-width";

/** A grapheme; or a sequence that changes colours, which has no width and is stepped over. */
export interface Cell {
  readonly text: string;
  /** What the node counts when it moves the cursor. */
  readonly codePoints: number;
  readonly columns: number;
}

export const LINE_BREAK: unique symbol = Symbol("line break");
export const CARRIAGE_RETURN: unique symbol = Symbol("carriage return");
/** Another escape sequence than one for colours: it goes to the terminal and belongs to no line. */
export interface Passing {
  readonly passing: string;
}
export type Piece = Cell | Passing | typeof LINE_BREAK | typeof CARRIAGE_RETURN;

/** How a control character is shown: it differs between releases. */
export type ShowControl = (code: number) => string;

// The escape character is what these look for.
// oxlint-disable-next-line no-control-regex
const COLOURS = /\x1b\[[0-9;:]*m/y;
// oxlint-disable-next-line no-control-regex
const ESCAPE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])/y;
// oxlint-disable-next-line no-control-regex
const PLAIN = /[ -~]+/y;
// oxlint-disable-next-line no-control-regex
const BEYOND_ASCII = /[^\x00-\x7f]+/y;

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Cuts text into cells, line breaks and what is neither. */
export function piecesOf(text: string, showControl: ShowControl): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  const taken = (expression: RegExp): string | undefined => {
    expression.lastIndex = at;
    const found = expression.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  while (at < text.length) {
    const plain = taken(PLAIN);
    if (plain !== undefined) {
      // A combining mark may follow the last of them.
      const last = at < text.length && text.charCodeAt(at) >= 0x80 ? 1 : 0;
      at -= last;
      for (const character of plain.slice(0, plain.length - last)) pieces.push({ text: character, codePoints: 1, columns: 1 });
      if (last === 0) continue;
      at += 1;
      const more = taken(BEYOND_ASCII) ?? "";
      pieces.push(...graphemes(plain.slice(-1) + more));
      continue;
    }
    const more = taken(BEYOND_ASCII);
    if (more !== undefined) {
      pieces.push(...graphemes(more));
      continue;
    }
    const colours = taken(COLOURS);
    if (colours !== undefined) {
      pieces.push({ text: colours, codePoints: 0, columns: 0 });
      continue;
    }
    const escape = taken(ESCAPE);
    if (escape !== undefined) {
      pieces.push({ passing: escape });
      continue;
    }
    const code = text.charCodeAt(at++);
    if (code === 0x0a) pieces.push(LINE_BREAK);
    else if (code === 0x0d) pieces.push(CARRIAGE_RETURN);
    else if (code === 0x09) pieces.push({ text: "\t", codePoints: 0, columns: 0 });
    else {
      const shown = showControl(code);
      pieces.push({ text: shown, codePoints: shown.length, columns: shown.length });
    }
  }
  return pieces;
}

function graphemes(text: string): Cell[] {
  return Array.from(segmenter.segment(text), ({ segment }) => grapheme(segment));
}

export function grapheme(text: string): Cell {
  const codePoints = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  return { text, codePoints: codePoints.length, columns: graphemeColumns(text, codePoints) };
}

const EMOJI_STYLE = "\u{fe0f}";

/** One grapheme takes two columns at most, however many code points it has. */
function graphemeColumns(text: string, codePoints: readonly number[]): number {
  if (text.includes(EMOJI_STYLE)) return 2;
  return Math.min(
    2,
    codePoints.reduce((sum, codePoint) => sum + codePointColumns(codePoint), 0),
  );
}

const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

function codePointColumns(codePoint: number): number {
  return NO_WIDTH.test(String.fromCodePoint(codePoint)) ? 0 : eastAsianWidth(codePoint);
}

export function columnsOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, { columns }) => sum + columns, 0);
}

/**
 * Columns that stay free at the ends of rows where a wide character does not fit. The node does not count them, and where it goes
 * wrong by them so do we, to be at the same place for its next request; only what has to be cleared wholly is counted with them.
 */
export function freeColumnsOf(cells: readonly Cell[], width: number): number {
  let free = 0;
  let at = 0;
  for (const { columns } of cells) {
    const left = width - (at % width);
    if (columns > left) free += left;
    at += columns + (columns > left ? left : 0);
  }
  return free;
}

export function textOf(cells: readonly Cell[]): string {
  return cells.map(({ text }) => text).join("");
}

/** As many cells from the front as have that many code points, with the colours between them, and the rest. */
export function splitCodePoints(cells: readonly Cell[], count: number): [Cell[], Cell[]] {
  let at = 0;
  for (let left = count; at < cells.length; at++) {
    if (left <= 0) break;
    left -= (cells[at] as Cell).codePoints;
  }
  return [cells.slice(0, at), cells.slice(at)];
}

/** The same from the end. */
export function splitCodePointsBefore(cells: readonly Cell[], count: number): [Cell[], Cell[]] {
  const [last, first] = splitCodePoints(cells.toReversed(), count);
  return [first.toReversed(), last.toReversed()];
}

export function splitColumns(cells: readonly Cell[], count: number): [Cell[], Cell[]] {
  let at = 0;
  for (let left = count; at < cells.length; at++) {
    const { codePoints, columns } = cells[at] as Cell;
    if (left <= 0 && codePoints > 0) break;
    left -= columns;
  }
  return [cells.slice(0, at), cells.slice(at)];
}

/** The cursor from one column to another, counted from the first column of the line, which may be several rows long. */
export function moveCursor(from: number, to: number, width: number): string {
  const rows = Math.trunc(to / width) - Math.trunc(from / width);
  const columns = (to % width) - (from % width);
  return (
    (rows < 0 ? `\x1b[${-rows}A` : "\n".repeat(rows)) +
    (columns < 0 ? `\x1b[${-columns}D` : columns > 0 ? `\x1b[${columns}C` : "")
  );
}

/** A terminal waits at the end of a row for what comes; this makes it go to the next. */
export function atRowEnd(columns: number, width: number): string {
  return columns !== 0 && columns % width === 0 ? " \b" : "";
}
