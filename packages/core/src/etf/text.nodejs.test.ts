// Random terms through a real Erlang node: the same bytes and the same text as ours, and its text read back.
import { isUtf8 } from "node:buffer";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ErlNode, releases, startErl } from "../../../../test/support/otp.ts";
import { arbitraryTerm } from "../../test/support/arbitrary-terms.ts";
import { compare } from "./compare.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { equals } from "./equal.ts";
import { format } from "./format.ts";
import { parse } from "./parse.ts";
import { ErlMap, ImproperList, type Term, Tuple } from "./terms.ts";
import { text } from "./text.ts";

const TERMS = 10_000;
const BATCH = 500;

/** The order of keys in a printed map is the node's own business from 33 keys on; below it is that of the wire. */
const terms = arbitraryTerm({ mapKeys: 8 });

/** What the node answers to `fun(Term) -> Term` for each of a list of terms. */
async function ask(erl: ErlNode, input: readonly Term[], fun: string): Promise<readonly Term[]> {
  const sent = Buffer.from(encode([...input])).toString("base64");
  const answer = await erl.eval(
    `base64:encode(term_to_binary([(${fun})(T) || T <- binary_to_term(base64:decode(<<"${sent}">>))], [{minor_version,2}]))`,
  );
  const decoded = decode(Buffer.from(text(parse(answer)), "base64"));
  if (!Array.isArray(decoded)) throw new Error("the node did not answer with a list");
  return decoded;
}

for (const release of releases()) {
  describe(`terms and text on OTP ${release.otp}`, () => {
    let erl: ErlNode;
    beforeAll(async () => {
      erl = await startErl({ release });
    });
    afterAll(async () => {
      await erl.stop();
    });

    const seed = 20_261_123;
    // Before OTP 27 some atoms and funs are printed otherwise. Before OTP 29 a binary was taken for Latin-1 if any byte of it was
    // no UTF-8, also one behind a character that cannot be printed.
    const printsAsWeDo = (term: Term): boolean => Number(release.otp) >= 29 || (Number(release.otp) >= 27 && !holdsLatin1(term));

    it(`encodes, prints and reads back ${TERMS} random terms as the node does`, async () => {
      const all = fc.sample(terms, { numRuns: TERMS, seed });
      for (let start = 0; start < all.length; start += BATCH) {
        const batch = all.slice(start, start + BATCH);
        const answers = await ask(
          erl,
          batch,
          `fun(X) -> {term_to_binary(X, [{minor_version,2}]), unicode:characters_to_binary(io_lib:format("~0tp", [X])), unicode:characters_to_binary(io_lib:format("~60tp", [X]))} end`,
        );
        batch.forEach((term, index) => check(term, answers[index] as Tuple<[Uint8Array, Uint8Array, Uint8Array]>, printsAsWeDo));
      }
    }, 240_000);

    it("[C37] sorts random terms as lists:sort/1 does", async () => {
      const all = fc.sample(arbitraryTerm({ identifiers: true }), { numRuns: 1500, seed });
      const sorted = (await ask(erl, [all], "fun(L) -> lists:sort(L) end"))[0];
      const ours = all.toSorted(compare);
      const different = ours.findIndex((term, index) => !equals(term, (sorted as Term[])[index] ?? []));
      expect(different === -1 ? "" : format(ours[different] ?? [])).toBe(
        different === -1 ? "" : format((sorted as Term[])[different] ?? []),
      );
    });
  });
}

function check(term: Term, answer: Tuple<[Uint8Array, Uint8Array, Uint8Array]>, printsAsWeDo: (term: Term) => boolean): void {
  const [bytes, line, lines] = answer;
  const theirs = decode(bytes as Uint8Array);
  expect(equals(theirs, term)).toBe(true);
  // The node chooses the order of keys: ours is what it wrote, decoded and encoded again.
  expect(Buffer.from(encode(theirs)).toString("hex")).toBe(Buffer.from(bytes as Uint8Array).toString("hex"));
  if (!printsAsWeDo(term)) return;
  expect(format(theirs)).toBe(text(line as Uint8Array));
  expect(format(theirs, { width: 60 })).toBe(text(lines as Uint8Array));
  expect(equals(parse(text(line as Uint8Array)), term)).toBe(true);
}

/** Whether there is a binary of printable Latin-1 that is no UTF-8. */
function holdsLatin1(term: Term): boolean {
  if (term instanceof Uint8Array) {
    return (
      !isUtf8(term) &&
      term.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte >= 0xa0 || (byte >= 8 && byte <= 13) || byte === 27)
    );
  }
  if (term instanceof Tuple) return term.elements.some(holdsLatin1);
  if (Array.isArray(term)) return term.some(holdsLatin1);
  if (term instanceof ImproperList) return holdsLatin1(term.elements) || holdsLatin1(term.tail);
  if (term instanceof ErlMap) return [...term].some(([key, value]) => holdsLatin1(key) || holdsLatin1(value));
  return false;
}
