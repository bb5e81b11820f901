// Tokens of Erlang source, as far as terms and patterns need them (Erlang Reference Manual, "Data Types"; erl_scan).
// A source may be in several parts, as a template literal is: between two of them stands a token of type "hole".
import { isAtomName } from "./atom.ts";
import { RESERVED_WORDS } from "./atom-text.ts";
import { ParseError, type ParseErrorCode } from "./parse-error.ts";

export type Token =
  | { readonly type: "atom"; readonly offset: number; readonly name: string }
  /** A word that is an atom only in quotes. */
  | { readonly type: "reserved"; readonly offset: number; readonly name: string }
  | { readonly type: "variable"; readonly offset: number; readonly name: string }
  | { readonly type: "integer"; readonly offset: number; readonly value: bigint }
  | { readonly type: "float"; readonly offset: number; readonly value: number }
  | { readonly type: "string"; readonly offset: number; readonly text: string }
  /** A sigil that makes a binary: `~"..."`, `~b`, `~B`. */
  | { readonly type: "binary"; readonly offset: number; readonly text: string }
  | { readonly type: "hole"; readonly offset: number; readonly index: number }
  | { readonly type: "punctuation"; readonly offset: number; readonly text: string }
  | { readonly type: "end"; readonly offset: number };

const PUNCTUATION = ["<<", ">>", "=>", ":=", "++", "{", "}", "[", "]", "(", ")", ",", "|", "#", ":", "/", "-", "+", "=", "."];

/** OTP 25 and 26 print these atoms without quotes, so they are read that way too. */
const RESERVED_SINCE_27: ReadonlySet<string> = new Set(["maybe", "else"]);

const SPACE = /(?:[\0-\x20\x80-\xa0]+|%[^\n]*)*/y;
const ATOM = /[a-z\u00df-\u00f6\u00f8-\u00ff][a-zA-Z0-9_@\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff]*/y;
const VARIABLE = /[A-Z_\u00c0-\u00d6\u00d8-\u00de][a-zA-Z0-9_@\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff]*/y;
const NUMBER =
  /\d+(?:_\d+)*(?:#[0-9a-zA-Z]+(?:_[0-9a-zA-Z]+)*(?:\.[0-9a-zA-Z]+(?:_[0-9a-zA-Z]+)*(?:#[eE][+-]?\d+)?)?|\.\d+(?:_\d+)*(?:[eE][+-]?\d+(?:_\d+)*)?)?/y;
const SIGIL = /~([a-zA-Z]*)/y;
const TRIPLE_QUOTE = /"{3,}/y;

/** The largest integer of OTP 27 and later has 4,194,240 bits: 1,262,593 decimal digits. */
const MAX_DIGITS = 1_262_593;

export class Scanner {
  readonly #parts: readonly string[];
  /** All parts on end, for positions in errors. */
  readonly #source: string;
  #part = 0;
  /** Offset of the current part in the whole. */
  #base = 0;
  #at = 0;

  constructor(parts: readonly string[]) {
    this.#parts = parts;
    this.#source = parts.join(HOLE);
  }

  next(): Token {
    const text = this.#text;
    this.#at += matchAt(SPACE, text, this.#at)?.length ?? 0;
    const offset = this.#base + this.#at;
    const character = text[this.#at];
    if (character === undefined) return this.#endOfPart(offset);
    if (character >= "0" && character <= "9") return this.#number(offset);
    if (character === "$") return this.#character(offset);
    if (character === '"') return { type: "string", offset, text: this.#string(offset) };
    if (character === "'") return { type: "atom", offset, name: this.#quotedAtom(offset) };
    if (character === "~") return this.#sigil(offset);
    const name = this.#take(ATOM);
    if (name === "fun") return { type: "punctuation", offset, text: name };
    if (name !== undefined) {
      const type = RESERVED_WORDS.has(name) && !RESERVED_SINCE_27.has(name) ? "reserved" : "atom";
      return { type, offset, name: this.#checkedAtom(offset, name) };
    }
    const variable = this.#take(VARIABLE);
    if (variable !== undefined) return { type: "variable", offset, name: variable };
    const punctuation = PUNCTUATION.find((candidate) => text.startsWith(candidate, this.#at));
    if (punctuation === undefined) throw this.error("syntax", offset, "a term", show(text, this.#at));
    this.#at += punctuation.length;
    return { type: "punctuation", offset, text: punctuation };
  }

  error(code: ParseErrorCode, offset: number, expected: string, got?: string): ParseError {
    const before = this.#source.slice(0, offset);
    const line = before.split("\n").length;
    const column = offset - (before.lastIndexOf("\n") + 1) + 1;
    return new ParseError(code, { offset, line, column, expected, ...(got === undefined ? {} : { got }) });
  }

  /** How a token is named in an error. */
  describe(token: Token): string {
    switch (token.type) {
      case "end":
        return "the end of the text";
      case "hole":
        return `\${${token.index}}`;
      case "reserved":
        return `the reserved word ${token.name} (an atom needs quotes: '${token.name}')`;
      case "variable":
        return `the variable ${token.name}`;
      case "punctuation":
        return `"${token.text}"`;
      default:
        return show(this.#source, token.offset);
    }
  }

  get #text(): string {
    return this.#parts[this.#part] ?? "";
  }

  #take(expression: RegExp): string | undefined {
    const found = matchAt(expression, this.#text, this.#at);
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #endOfPart(offset: number): Token {
    if (this.#part + 1 >= this.#parts.length) return { type: "end", offset };
    const index = this.#part;
    this.#base += this.#text.length + HOLE.length;
    this.#part++;
    this.#at = 0;
    return { type: "hole", offset, index };
  }

  #number(offset: number): Token {
    const text = this.#take(NUMBER) ?? "";
    if (/[a-zA-Z0-9_@#]/.test(this.#text[this.#at] ?? ""))
      throw this.error("bad_number", offset, "a number", show(this.#source, offset));
    if (text.length > MAX_DIGITS)
      throw this.error("too_large", offset, `an integer of at most ${MAX_DIGITS} digits`, `${text.length} characters`);
    const digits = text.replaceAll("_", "");
    if (digits.includes("#")) return this.#based(offset, digits);
    if (!digits.includes(".")) return { type: "integer", offset, value: BigInt(digits) };
    return this.#float(offset, Number(digits));
  }

  #float(offset: number, value: number): Token {
    if (!Number.isFinite(value))
      throw this.error("bad_number", offset, "a float in the range of a double", show(this.#source, offset));
    return { type: "float", offset, value };
  }

  /** `16#ff`, and since OTP 27 `16#f.8#e2`. */
  #based(offset: number, text: string): Token {
    const [baseText = "", digits = "", exponentText = "e0"] = text.split("#");
    const base = Number(baseText);
    if (base < 2 || base > 36) throw this.error("bad_number", offset, "a base of 2 to 36", baseText);
    const [whole = "", fraction = ""] = digits.toLowerCase().split(".");
    let value = 0n;
    if (!areDigits(whole + fraction, base)) throw this.error("bad_number", offset, `digits of base ${base}`, digits);
    value = readDigits(whole + fraction, base);
    if (!digits.includes(".")) return { type: "integer", offset, value };
    const scale = Number(exponentText.slice(1)) - fraction.length;
    if (Math.abs(scale) > 2000)
      throw this.error("bad_number", offset, "a float in the range of a double", show(this.#source, offset));
    const power = BigInt(base) ** BigInt(Math.abs(scale));
    return this.#float(offset, scale >= 0 ? Number(value * power) : Number(value) / Number(power));
  }

  #character(offset: number): Token {
    this.#at++;
    const plain = this.#text.codePointAt(this.#at);
    if (plain === undefined) throw this.error("unexpected_end", offset, "a character after $");
    const character = plain === 0x5c ? this.#escape() : String.fromCodePoint(plain);
    if (plain !== 0x5c) this.#at += character.length;
    return { type: "integer", offset, value: BigInt(character.codePointAt(0) ?? 0) };
  }

  #quotedAtom(offset: number): string {
    this.#at++;
    return this.#checkedAtom(offset, this.#until("'", offset, "the end of the quoted atom (')", true));
  }

  #checkedAtom(offset: number, name: string): string {
    if (!isAtomName(name)) throw this.error("too_large", offset, "an atom of at most 255 well-formed characters");
    return name;
  }

  #string(offset: number): string {
    const quotes = matchAt(TRIPLE_QUOTE, this.#text, this.#at);
    if (quotes !== undefined) return this.#tripleQuoted(offset, quotes);
    this.#at++;
    return this.#until('"', offset, 'the end of the string (")', true);
  }

  /** Text up to a closing mark, which is passed over. */
  #until(mark: string, offset: number, expected: string, escapes: boolean): string {
    const text = this.#text;
    const parts: string[] = [];
    let start = this.#at;
    for (;;) {
      const character = text[this.#at];
      if (character === undefined) {
        const hole = this.#part + 1 < this.#parts.length;
        throw this.error(
          hole ? "syntax" : "unexpected_end",
          hole ? this.#base + this.#at : offset,
          expected,
          hole ? "${…}" : undefined,
        );
      }
      if (character === mark) {
        parts.push(text.slice(start, this.#at++));
        return parts.join("");
      }
      if (character === "\\" && escapes) {
        parts.push(text.slice(start, this.#at), this.#escape());
        start = this.#at;
      } else this.#at++;
    }
  }

  /** "Escape Sequences"; stands at the backslash, and moves behind the sequence. */
  #escape(): string {
    const offset = this.#base + this.#at;
    const text = this.#text;
    this.#at++;
    const octal = matchAt(/[0-7]{1,3}/y, text, this.#at);
    if (octal !== undefined) {
      this.#at += octal.length;
      return String.fromCharCode(Number.parseInt(octal, 8));
    }
    const character = text[this.#at];
    if (character === undefined) throw this.error("unexpected_end", offset, "an escape sequence after \\");
    if (character === "x") return this.#hexadecimal(offset);
    if (character === "^") {
      const control = text[this.#at + 1] ?? "";
      if (!/[@-_a-z?]/.test(control)) throw this.error("bad_value", offset, "a control character after \\^", control);
      this.#at += 2;
      return control === "?" ? "\x7f" : String.fromCharCode(control.charCodeAt(0) & 31);
    }
    const plain = String.fromCodePoint(text.codePointAt(this.#at) ?? 0);
    this.#at += plain.length;
    return ESCAPES[plain] ?? plain;
  }

  #hexadecimal(offset: number): string {
    const digits = matchAt(/x(?:[0-9a-fA-F]{2}|\{[0-9a-fA-F]+\})/y, this.#text, this.#at);
    if (digits === undefined)
      throw this.error("bad_value", offset, "two hexadecimal digits, or \\x{...}", show(this.#source, offset));
    this.#at += digits.length;
    const value = Number.parseInt(digits.replaceAll(/[x{}]/g, ""), 16);
    if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
      throw this.error("bad_value", offset, "a Unicode character", digits);
    return String.fromCodePoint(value);
  }

  /** A text of whole lines, without escapes; the white space before the closing quotes is cut from each line. */
  #tripleQuoted(offset: number, quotes: string): string {
    const text = this.#text;
    const open = matchAt(/[ \t]*\r?\n/y, text, this.#at + quotes.length);
    if (open === undefined) throw this.error("syntax", offset + quotes.length, `the end of the line after ${quotes}`);
    const start = this.#at + quotes.length + open.length;
    const lines: string[] = [];
    for (let at = start; ; ) {
      const close = matchAt(new RegExp(`[ \\t]*${quotes}(?!")`, "y"), text, at);
      if (close !== undefined) {
        this.#at = at + close.length;
        return this.#withoutIndent(offset, lines, close.slice(0, -quotes.length));
      }
      const end = text.indexOf("\n", at);
      if (end < 0) throw this.error("unexpected_end", offset, `a line that closes with ${quotes}`);
      lines.push(text.slice(at, end));
      at = end + 1;
    }
  }

  #withoutIndent(offset: number, lines: readonly string[], indent: string): string {
    const cut = lines.map((line) => {
      if (line.startsWith(indent)) return line.slice(indent.length);
      if (line.trim() === "") return "";
      throw this.error("syntax", offset, "each line indented as the closing quotes", `"${line.slice(0, 20)}"`);
    });
    return cut.join("\n").replace(/\r$/, "");
  }

  /** `~"..."` and its kin, OTP 27. */
  #sigil(offset: number): Token {
    const kind = (this.#take(SIGIL) ?? "").slice(1);
    if (!["", "b", "B", "s", "S"].includes(kind)) throw this.error("syntax", offset, "a sigil (~, ~b, ~B, ~s or ~S)", `~${kind}`);
    const mark = this.#text[this.#at] ?? "";
    const type = kind === "s" || kind === "S" ? "string" : "binary";
    const quotes = matchAt(TRIPLE_QUOTE, this.#text, this.#at);
    if (quotes !== undefined) return { type, offset, text: this.#tripleQuoted(offset, quotes) };
    const close = DELIMITERS[mark];
    if (close === undefined) throw this.error("syntax", offset, `a delimiter after ~${kind}`, show(this.#text, this.#at));
    this.#at++;
    return { type, offset, text: this.#until(close, offset, `the end of the sigil (${close})`, kind !== "B" && kind !== "S") };
  }
}

/** Stands for an interpolated value where positions are counted. */
const HOLE = "${}";

const DELIMITERS: Readonly<Record<string, string>> = {
  "(": ")",
  "[": "]",
  "{": "}",
  "<": ">",
  "/": "/",
  "|": "|",
  "'": "'",
  '"': '"',
  "`": "`",
  "#": "#",
};

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  d: "\x7f",
  e: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  s: " ",
  t: "\t",
  v: "\v",
};

function matchAt(expression: RegExp, text: string, at: number): string | undefined {
  expression.lastIndex = at;
  return expression.exec(text)?.[0];
}

function show(text: string, at: number): string {
  return `"${
    Array.from(text.slice(at, at + 40))
      .slice(0, 20)
      .join("")
      .split(/[\s,]/)[0] || text[at]
  }"`;
}

function areDigits(text: string, base: number): boolean {
  return Array.from(text).every((digit) => Number.parseInt(digit, 36) < base);
}

/** Halves at a time, so that a million digits do not take a million multiplications of a million digits. */
function readDigits(text: string, base: number): bigint {
  if (text.length <= 10) return BigInt(Number.parseInt(text, base));
  const half = text.length >>> 1;
  return readDigits(text.slice(0, -half), base) * BigInt(base) ** BigInt(half) + readDigits(text.slice(-half), base);
}
