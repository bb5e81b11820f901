// Our terms through a real Erlang node and back: what term_to_binary writes of what binary_to_term read.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ErlNode, releases, startErl } from "../../../../test/support/otp.ts";
import { arbitraryTerm } from "../../test/support/arbitrary-terms.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { equals } from "./equal.ts";
import { type Term, Tuple } from "./terms.ts";

const COUNT = 400;
/** Nodes of OTP 25 and older still write atoms in Latin-1 of their own accord. */
const OPTIONS = "[{minor_version, 2}]";

describe.each(releases().map((release) => [release.otp, release] as const))("OTP %s", (otp, release) => {
  let node: ErlNode;
  beforeAll(async () => {
    node = await startErl({ release });
  });
  afterAll(async () => {
    await node.stop();
  });

  /** What an expression over `Term` gives for our term, as bytes. */
  async function evaluate(bytes: Uint8Array, expression: string): Promise<Uint8Array> {
    const base64 = Buffer.from(bytes).toString("base64");
    const answer = await node.eval(
      `Term = binary_to_term(base64:decode("${base64}")), base64:encode_to_string(term_to_binary(${expression}, ${OPTIONS}))`,
    );
    return Uint8Array.from(Buffer.from(JSON.parse(answer), "base64"));
  }

  it("[C29, C33] reads what we write, and we read what it writes of that", async () => {
    const terms: Term[] = fc.sample(arbitraryTerm({ identifiers: true, mapKeys: 50 }), COUNT);
    const answer = decode(await evaluate(encode(terms), "Term")) as Term[];
    expect(answer).toHaveLength(COUNT);
    for (const [index, term] of terms.entries()) expect(equals(answer[index] as Term, term), String(term)).toBe(true);
  });

  it("agrees about which terms are equal", async () => {
    const small = fc.oneof(
      fc.constantFrom<Term>(1, "a", []),
      fc.array(fc.constantFrom<Term>(1, 2), { maxLength: 2 }),
      arbitraryTerm({ mapKeys: 2 }),
    );
    const pairs = fc
      .sample(fc.tuple(small, small), COUNT)
      .flatMap(([a, b]) => [new Tuple([a, b]), new Tuple([a, decode(encode(a))])]);
    const answer = decode(await evaluate(encode(pairs), "[A =:= B || {A, B} <- Term]")) as boolean[];
    for (const [index, pair] of pairs.entries()) {
      const [a, b] = pair.elements;
      // Before OTP 27 the two zeros among the floats were one.
      if (Number(otp) < 27 && String(pair).includes("0.0")) continue;
      expect(equals(a as Term, b as Term), `${String(a)} =:= ${String(b)}`).toBe(answer[index]);
    }
  });

  it("writes small terms as we do, byte for byte", async () => {
    // Maps keep no order of their own in Erlang, and OTP 25 still writes NEW_PORT_EXT.
    const ordered = arbitraryTerm({ identifiers: Number(otp) >= 26, mapKeys: 1 });
    const terms: Term[] = fc.sample(ordered, COUNT);
    const written = decode(await evaluate(encode(terms), `[term_to_binary(T, ${OPTIONS}) || T <- Term]`)) as Uint8Array[];
    for (const [index, term] of terms.entries()) expect(encode(term), String(term)).toEqual(written[index]);
  });

  it("compresses and uncompresses as we do", async () => {
    const term = Array.from({ length: 1000 }, (_, index) => `item ${index % 7}`);
    const packed = encode(term, { compressed: true });
    expect(decode(await evaluate(packed, "Term"))).toEqual(decode(encode(term)));
    const answer = decode(await evaluate(encode(term), "term_to_binary(Term, [compressed])")) as Uint8Array;
    expect(answer[1]).toBe(80);
    expect(decode(answer)).toEqual(decode(encode(term)));
  });
});
