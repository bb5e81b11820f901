// The grammar of terms and patterns, over a builder that says what a value is: a term (parse), or a node of a template
// or pattern. Containers are kept on a stack of the parser's own, so that nesting is limited by a number and not by calls.
import type { ParseError } from "./parse-error.ts";
import { type Atom, atoms } from "./atom.ts";
import { CLAIMED_BITS, type Segment, type SizeBudget, segmentBytes } from "./bit-syntax.ts";
import { Scanner, type Token } from "./scanner.ts";
import { BitString, Export, Float, type Term } from "./terms.ts";

/** What the values of a grammar are made of. */
export interface TermBuilder<V> {
  literal(term: Term): V;
  tuple(items: readonly V[]): V;
  /** A tail of undefined is `[]`. */
  list(items: readonly V[], tail: V | undefined): V;
  /** `#{key => value}`; in a pattern `#{key := value}`. Gives undefined when a key comes twice. */
  map(entries: readonly (readonly [V, V])[]): V | undefined;
  record(module: Atom, name: Atom, entries: readonly (readonly [Atom, V])[]): V | undefined;
  /** An interpolated value; absent where none can stand. */
  readonly hole?: (index: number) => V;
  /** A variable; absent where none can stand. */
  readonly variable?: (name: string) => V;
  /** What stands between the key and value of a map. */
  readonly association: "=>" | ":=";
}

export interface ParseLimits {
  /** Levels of nesting. */
  readonly depth: number;
  /** Length of the text in UTF-16 units. */
  readonly size: number;
}

interface Container<V> {
  readonly kind: "tuple" | "list" | "map" | "record";
  readonly offset: number;
  readonly items: V[];
  /** Of a list, after the bar. */
  tail: V | undefined;
  inTail: boolean;
  /** Of a record. */
  readonly module: Atom | undefined;
  readonly name: Atom | undefined;
  readonly fields: Atom[];
}

const CLOSE = { tuple: "}", list: "]", map: "}", record: "}" } as const;

export class TermParser<V> {
  readonly #scanner: Scanner;
  readonly #builder: TermBuilder<V>;
  readonly #depth: number;
  readonly #open: Container<V>[] = [];
  readonly #budget: SizeBudget = { bits: CLAIMED_BITS };
  #token: Token;

  constructor(parts: readonly string[], builder: TermBuilder<V>, { depth, size }: ParseLimits) {
    this.#scanner = new Scanner(parts);
    this.#builder = builder;
    this.#depth = depth;
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    if (length > size) throw this.#scanner.error("too_large", 0, `a text of at most ${size} characters`, String(length));
    this.#token = this.#scanner.next();
  }

  get atEnd(): boolean {
    return this.#token.type === "end";
  }

  /** One value, with the full stop after it if there is one. */
  value(): V {
    const value = this.#term();
    if (this.#is(".")) this.#advance();
    return value;
  }

  /** One value and then the full stop, as in a file that file:consult/1 reads. */
  valueAndStop(): V {
    const value = this.#term();
    this.#expect(".", 'a full stop (".") after the term');
    return value;
  }

  expectEnd(): void {
    if (!this.atEnd) throw this.#unexpected("the end of the text");
  }

  #term(): V {
    for (;;) {
      let value = this.#simpleOrOpen();
      // A value ends here; it may end the containers around it.
      while (value !== undefined) {
        const container = this.#open.at(-1);
        if (container === undefined) return value;
        value = this.#deliver(container, value);
      }
    }
  }

  /** A value without parts or an empty container; undefined when a container was opened, or its next item begins. */
  #simpleOrOpen(): V | undefined {
    const token = this.#token;
    switch (token.type) {
      case "hole":
        if (this.#builder.hole === undefined) throw this.#unexpected("a term");
        this.#advance();
        return this.#builder.hole(token.index);
      case "variable":
        if (this.#builder.variable === undefined) throw this.#unexpected("a term");
        this.#advance();
        return this.#builder.variable(token.name);
      case "atom":
        this.#advance();
        return this.#builder.literal(atomTerm(token.name));
      case "integer":
      case "float":
        return this.#builder.literal(this.#number(1));
      case "string":
        return this.#builder.literal(this.#strings());
      case "binary":
        this.#advance();
        return this.#builder.literal(new TextEncoder().encode(token.text));
      case "reserved":
      case "end":
        throw this.#unexpected("a term");
      case "punctuation":
        return this.#punctuated(token.text);
    }
  }

  #punctuated(text: string): V | undefined {
    const offset = this.#token.offset;
    switch (text) {
      case "{":
        this.#advance();
        return this.#openContainer("tuple", offset);
      case "[":
        this.#advance();
        return this.#openContainer("list", offset);
      case "#":
        this.#advance();
        if (this.#is("{")) {
          this.#advance();
          return this.#openContainer("map", offset);
        }
        return this.#record(offset);
      case "<<":
        this.#advance();
        return this.#builder.literal(this.#binary());
      case "-":
      case "+":
        this.#advance();
        return this.#builder.literal(this.#number(text === "-" ? -1 : 1));
      case "fun":
        this.#advance();
        return this.#builder.literal(this.#fun());
      default:
        throw this.#unexpected("a term");
    }
  }

  #openContainer(kind: Container<V>["kind"], offset: number, module?: Atom, name?: Atom): V | undefined {
    if (this.#open.length >= this.#depth)
      throw this.#scanner.error("too_deep", offset, `at most ${this.#depth} levels of nesting`);
    const container: Container<V> = { kind, offset, items: [], tail: undefined, inTail: false, module, name, fields: [] };
    if (this.#is(CLOSE[kind])) {
      this.#advance();
      return this.#build(container);
    }
    this.#open.push(container);
    if (kind === "record") this.#field(container);
    return undefined;
  }

  /** Takes an item that has ended; gives the container's own value when that ends too. */
  #deliver(container: Container<V>, value: V): V | undefined {
    if (container.inTail) {
      container.tail = value;
      this.#expect("]", '"]" after the tail of the list');
      this.#open.pop();
      return this.#build(container);
    }
    container.items.push(value);
    if (container.kind === "map" && container.items.length % 2 === 1) {
      this.#expect(this.#builder.association, `"${this.#builder.association}" after a key`);
      return undefined;
    }
    if (this.#is(",")) {
      this.#advance();
      if (container.kind === "record") this.#field(container);
      return undefined;
    }
    if (container.kind === "list" && this.#is("|")) {
      this.#advance();
      container.inTail = true;
      return undefined;
    }
    const close = CLOSE[container.kind];
    this.#expect(close, container.kind === "list" ? '",", "|" or "]"' : `"," or "${close}"`);
    this.#open.pop();
    return this.#build(container);
  }

  #build({ kind, offset, items, tail, module, name, fields }: Container<V>): V {
    const built = (() => {
      switch (kind) {
        case "tuple":
          return this.#builder.tuple(items);
        case "list":
          return this.#builder.list(items, tail);
        case "map":
          return this.#builder.map(pairs(items));
        case "record":
          if (module === undefined || name === undefined) return undefined;
          return this.#builder.record(module, name, zip(fields, items));
      }
    })();
    if (built === undefined) throw this.#scanner.error("duplicate_key", offset, `each ${kind === "map" ? "key" : "field"} once`);
    return built;
  }

  /** `#module:name{field = value}`, as OTP 29 prints a native record. */
  #record(offset: number): V | undefined {
    const module = this.#atom('"{" or the module of a record after "#"');
    if (this.#is("{"))
      throw this.#scanner.error("syntax", offset, "a term", `the record #${module.name}{}, whose definition is not known here`);
    this.#expect(":", '":" after the module of a record');
    const name = this.#atom("the name of a record");
    this.#expect("{", '"{" after the name of a record');
    return this.#openContainer("record", offset, module, name);
  }

  #field(container: Container<V>): void {
    container.fields.push(this.#atom("the name of a field"));
    this.#expect("=", '"=" after the name of a field');
  }

  #number(sign: 1 | -1): Term {
    const token = this.#token;
    this.#advance();
    if (token.type === "float") {
      const value = sign * token.value;
      return Number.isInteger(value) ? new Float(value) : value;
    }
    if (token.type !== "integer")
      throw this.#scanner.error("syntax", token.offset, "a number after the sign", this.#scanner.describe(token));
    return integer(BigInt(sign) * token.value);
  }

  /** Strings that stand side by side are one. */
  #strings(): Term[] {
    let text = "";
    for (let token = this.#token; token.type === "string"; token = this.#token) {
      text += token.text;
      this.#advance();
    }
    return Array.from(text, (character) => character.codePointAt(0) ?? 0);
  }

  /** `fun module:name/arity` */
  #fun(): Term {
    const module = this.#funName("a module after fun (only external funs are terms)");
    this.#expect(":", '":" after the module');
    const name = this.#funName("the name of a function");
    this.#expect("/", '"/" after the name of the function');
    const token = this.#token;
    if (token.type !== "integer" || token.value > 255n) throw this.#unexpected("an arity of 0 to 255");
    this.#advance();
    return new Export(module, name, Number(token.value));
  }

  /** What stands between `<<` and `>>`. */
  #binary(): Term {
    const segments: Segment[] = [];
    const offset = this.#token.offset;
    if (!this.#is(">>")) {
      do {
        if (segments.length > 0) this.#advance();
        segments.push(this.#segment());
      } while (this.#is(","));
    }
    this.#expect(">>", '"," or ">>"');
    const { bytes, bits } = segmentBytes(segments, this.#budget, (problem) => {
      throw this.#scanner.error("bad_value", offset, problem);
    });
    return bits === 0 ? bytes : new BitString(bytes, bits);
  }

  #segment(): Segment {
    const value = this.#segmentValue();
    let size: number | undefined;
    if (this.#is(":")) {
      this.#advance();
      const token = this.#token;
      if (token.type !== "integer" || token.value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.#unexpected("a size in bits");
      size = Number(token.value);
      this.#advance();
    }
    const types: string[] = [];
    let unit: number | undefined;
    if (this.#is("/")) {
      do {
        this.#advance();
        const { name } = this.#atom("a type, as integer, float, utf8, little, signed or unit:8");
        if (name === "unit" && this.#is(":")) {
          this.#advance();
          const token = this.#token;
          if (token.type !== "integer" || token.value < 1n || token.value > 256n) throw this.#unexpected("a unit of 1 to 256");
          unit = Number(token.value);
          this.#advance();
        } else types.push(name);
      } while (this.#is("-"));
    }
    return { value, size, types, unit };
  }

  #segmentValue(): Segment["value"] {
    const token = this.#token;
    if (token.type === "string" || token.type === "binary") {
      this.#advance();
      return token.text;
    }
    const negative = this.#is("-");
    if (negative || this.#is("+")) this.#advance();
    const number = this.#token;
    if (number.type !== "integer" && number.type !== "float") throw this.#unexpected("a number or a string in the binary");
    this.#advance();
    if (number.type === "integer") return negative ? -number.value : number.value;
    return negative ? -number.value : number.value;
  }

  #atom(expected: string): Atom {
    const token = this.#token;
    if (token.type !== "atom") throw this.#unexpected(expected);
    this.#advance();
    return atoms.intern(token.name);
  }

  /** Printed funs have reserved words without quotes. */
  #funName(expected: string): Atom {
    const token = this.#token;
    if (token.type !== "reserved") return this.#atom(expected);
    this.#advance();
    return atoms.intern(token.name);
  }

  #is(text: string): boolean {
    return this.#token.type === "punctuation" && this.#token.text === text;
  }

  #expect(text: string, expected: string): void {
    if (!this.#is(text)) throw this.#unexpected(expected);
    this.#advance();
  }

  #advance(): void {
    this.#token = this.#scanner.next();
  }

  #unexpected(expected: string): ParseError {
    const token = this.#token;
    return this.#scanner.error(
      token.type === "end" ? "unexpected_end" : "syntax",
      token.offset,
      expected,
      this.#scanner.describe(token),
    );
  }
}

/** Text may come from anybody, so its atoms are kept as those of a peer are, and not for good. */
function atomTerm(name: string): Term {
  return atoms.intern(name).term;
}

function integer(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function pairs<V>(items: readonly V[]): [V, V][] {
  const entries: [V, V][] = [];
  for (let index = 0; index + 1 < items.length; index += 2) {
    // The loop stays within the list; V itself may include undefined.
    entries.push([items[index] as V, items[index + 1] as V]);
  }
  return entries;
}

function zip<V>(fields: readonly Atom[], items: readonly V[]): [Atom, V][] {
  // There is one item for each field: the parser reads both together.
  return fields.map((field, index) => [field, items[index] as V]);
}
