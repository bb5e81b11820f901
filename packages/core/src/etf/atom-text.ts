// How an atom is written in Erlang source: bare where the scanner would read it back as one atom, else in single quotes
// (Erlang Reference Manual, "Data Types", "Atom"; the escapes of "Escape Sequences").

/** Words that the scanner of OTP 27 and later keeps for itself; `maybe` and `else` came with the maybe expression. */
export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  (
    "after and andalso band begin bnot bor bsl bsr bxor case catch cond div else end fun if let maybe not of or orelse " +
    "receive rem try when xor"
  ).split(" "),
);

/** A lower-case letter of Latin-1, then letters, digits, `_` and `@`. */
const BARE = /^[a-z\u00df-\u00f6\u00f8-\u00ff][a-zA-Z0-9_@\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff]*$/;

/** The atom of this name as Erlang source. */
export function atomText(name: string): string {
  return BARE.test(name) && !RESERVED_WORDS.has(name) ? name : quote(name, "'");
}

/** The name as it is printed in `fun m:f/1`: the runtime system, which prints that, keeps no words, and quotes what has an `@`. */
export function funNameText(name: string): string {
  return BARE.test(name) && !name.includes("@") ? name : quote(name, "'");
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  "\x7f": "\\d",
  "\\": "\\\\",
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped.
const SPECIAL = /[\0-\x1f\x7f-\x9f\\'"]/g;

/** Text between quotes of one kind, with the escapes of Erlang source. */
export function quote(text: string, mark: '"' | "'"): string {
  const inside = text.replace(SPECIAL, (character) => {
    if (character === '"' || character === "'") return character === mark ? `\\${character}` : character;
    return ESCAPES[character] ?? `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
  });
  return mark + inside + mark;
}
