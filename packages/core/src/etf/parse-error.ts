// Apart from errors.ts, since few programs parse.

export type ParseErrorCode =
  | "syntax"
  | "unexpected_end"
  | "bad_number"
  | "bad_value"
  | "duplicate_key"
  | "too_deep"
  | "too_large";

export interface ParseErrorData {
  /** Position in the text, in UTF-16 units from 0; line and column count from 1. */
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  readonly expected: string;
  readonly got?: string;
}

/** Text that is not an Erlang term; says where, what was expected and what stands there. */
export class ParseError extends Error {
  override readonly name: string = "ParseError";
  readonly code: ParseErrorCode;
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  readonly expected: string;
  readonly got: string | undefined;

  constructor(code: ParseErrorCode, { offset, line, column, expected, got }: ParseErrorData) {
    super(`line ${line}, column ${column}: expected ${expected}${got === undefined ? "" : `, got ${got}`}`);
    this.code = code;
    this.offset = offset;
    this.line = line;
    this.column = column;
    this.expected = expected;
    this.got = got;
  }
}
