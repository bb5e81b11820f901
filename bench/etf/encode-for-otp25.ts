// What term_to_binary/1 of OTP 25 gives, for codecs that know no other form of atoms: ATOM_EXT in place of SMALL_ATOM_UTF8_EXT.
import { appendTerm, TAG, type Term, VERSION } from "@erl-dist/core";
import { Writer } from "../../packages/core/src/bytes/writer.ts";

/** Atoms of Latin-1 only. */
export function encodeForOtp25(term: Term): Uint8Array {
  const writer = new Writer();
  writer.u8(VERSION);
  appendTerm(writer, term, {
    appendAtom(to, { name }) {
      to.u8(TAG.ATOM_EXT);
      to.u16(name.length);
      to.append(Buffer.from(name, "latin1"));
      return true;
    },
  });
  return writer.finish();
}
