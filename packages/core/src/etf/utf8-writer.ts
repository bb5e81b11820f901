// UTF-8 into a writer. Apart from utf8.ts, so that who only sends loads no more.
import type { Writer } from "../bytes/writer.ts";

const encoder = new TextEncoder();

/** Up to this length a loop is faster than a call of TextEncoder. */
const SHORT_CHARACTERS = 48;

/** Appends the bytes of the text; false, with nothing appended, for half a surrogate pair. */
export function appendUtf8(writer: Writer, text: string): boolean {
  const { length } = text;
  // A UTF-16 unit becomes at most 3 bytes.
  writer.ensure(length * 3);
  const { bytes, position } = writer;
  let count = 0;
  if (length <= SHORT_CHARACTERS) {
    for (; count < length; count++) {
      const unit = text.charCodeAt(count);
      if (unit > 127) break;
      bytes[position + count] = unit;
    }
  }
  if (count < length) {
    if (!text.isWellFormed()) return false;
    count = encoder.encodeInto(text, bytes.subarray(position)).written;
  }
  writer.position = position + count;
  return true;
}
