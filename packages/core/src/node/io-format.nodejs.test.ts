// Against io_lib:format/2 itself: whatever is formatted here in place of a group leader's node has to look the same.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ErlNode, releases, startErl } from "../../../../test/support/otp.ts";
import { Atom, atom, charlist, decode, encode, Float, map, type Term, text, Tuple, tuple } from "../etf/index.ts";
import { ioFormat } from "./io-format.ts";

const SEED = 20_260_819;

const characters = fc.constantFrom(...Array.from("aZ ~_\"'\\\n\t\x1b\x07\xe9\xff"), "α", "e\u0301", "\u{1f600}", "漢");
const words = fc.string({ unit: characters, maxLength: 12 });
const bytes = fc.uint8Array({ maxLength: 12 });
const integers = fc.oneof(fc.integer(), fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }));
const floats = fc
  .oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.double({ min: -20_000, max: 20_000, noNaN: true }),
    fc.integer({ min: -99_999, max: 99_999 }).map((n) => n / 1000),
  )
  .map((value) => new Float(value === 0 ? 0 : value));
const atoms = fc.oneof(fc.constantFrom("ok", "Error", "with space", "", "αβ", "é"), words).map((name) => atom(name));
const terms: fc.Arbitrary<Term> = fc.letrec<{ term: Term }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    atoms,
    integers,
    floats,
    // ~tp of OTP 28 and before takes a binary for Latin-1 where a later one does not, if it is neither ASCII nor UTF-8.
    fc.uint8Array({ max: 0x7f, maxLength: 12 }),
    words.map((word) => new TextEncoder().encode(word)),
    words.map(charlist),
    fc.array(tie("term"), { maxLength: 6 }),
    fc.array(tie("term"), { maxLength: 6 }).map((items) => new Tuple(items)),
    fc.array(fc.tuple(atoms, tie("term")), { maxLength: 4 }).map((entries) => map(new Map(entries))),
  ),
})).term;
const texts: fc.Arbitrary<Term> = fc.oneof(
  words.map(charlist),
  words.map((word) => new TextEncoder().encode(word)),
  bytes,
  atoms,
  fc.array(fc.oneof(words.map(charlist), bytes, fc.integer({ min: 0, max: 0x3ff })), { maxLength: 4 }),
);

const field = fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined, freq: 2 });
const sequence = (controls: string, value: fc.Arbitrary<readonly Term[]>, modifiers: readonly string[] = [""]) =>
  fc
    .record({
      control: fc.constantFrom(...controls),
      value,
      width: field,
      left: fc.boolean(),
      precision: field,
      pad: fc.constantFrom("", "", "0", "*", "é"),
      modifier: fc.constantFrom(...modifiers),
    })
    .map(({ control, value: args, width, left, precision, pad, modifier }) => ({
      text: `~${width === undefined ? "" : `${left ? "-" : ""}${width}`}${precision === undefined && pad === "" ? "" : `.${precision ?? ""}`}${pad === "" ? "" : `.${pad}`}${modifier}${control}`,
      args,
    }));
const one = (value: fc.Arbitrary<Term>) => value.map((term) => [term]);
const formats = fc
  .array(
    fc.oneof(
      sequence("p", one(terms), ["", "t", "l", "tl"]),
      sequence("w", one(terms), ["", "t"]),
      sequence("pw", one(bytes), ["", "l"]),
      sequence("s", one(texts), ["", "t"]),
      sequence("efg", one(floats)),
      sequence("bB+#", one(integers)),
      sequence("xX", fc.tuple(integers, fc.constantFrom<Term>(charlist("0x"), atom("pre"), charlist("")))),
      sequence("c", one(fc.integer({ min: 0, max: 0x3ff })), ["", "t"]),
      sequence("n~", fc.constant([])),
      fc.record({ text: fc.constantFrom("~i", "~*.*.*p", "~*w"), args: one(terms) }),
      fc.record({ text: words.map((word) => word.replaceAll("~", "~~")), args: fc.constant<readonly Term[]>([]) }),
      fc.record({ text: fc.constantFrom("~p", "~tp"), args: one(fc.array(terms, { minLength: 4, maxLength: 12 })) }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) =>
    tuple(
      charlist(parts.map((part) => part.text).join("")),
      parts.flatMap((part) => [...part.args]),
    ),
  );

describe.each(releases())("with OTP $otp", (release) => {
  let erl: ErlNode;
  beforeAll(async () => {
    erl = await startErl({ release });
  });
  afterAll(() => erl.stop());

  it("prints what io_lib:format/2 prints, and refuses what that refuses", async () => {
    const made = fc.sample(formats, { seed: SEED, numRuns: 3000 });
    // The cases come back as well: the order of keys is then the node's, as in all that a node sends.
    const answer = await erl.eval(`
      Print = fun(F, A) -> try unicode:characters_to_binary(io_lib:format(F, A)) catch _:_ -> badarg end end,
      Cases = binary_to_term(base64:decode("${Buffer.from(encode(made)).toString("base64")}")),
      base64:encode(term_to_binary([{F, A, Print(F, A)} || {F, A} <- Cases]))`);
    const cases = decode(Buffer.from(answer.slice(3, -3), "base64")) as Tuple<readonly [number[], Term[], Uint8Array | Atom]>[];
    const results = cases.map(({ elements: [format, args, shown] }) => ({
      format: text(format),
      args: String(tuple(args)),
      ours: printed(format, args),
      theirs: shown instanceof Atom ? "badarg" : text(shown),
    }));
    expect(results.filter(({ ours, theirs }) => ours !== theirs)).toEqual([]);
    expect(results.filter(({ ours }) => ours !== "badarg").length).toBeGreaterThan(1000);
  });
});

function printed(format: Term, args: readonly Term[]): string {
  try {
    return ioFormat(format, args);
  } catch (error) {
    if (error instanceof RangeError) return "badarg";
    throw error;
  }
}
