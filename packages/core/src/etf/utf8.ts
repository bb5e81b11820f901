// UTF-8 both ways, strictly: half a surrogate pair is an error, a byte order mark is a character like any other.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Throws a RangeError for half a surrogate pair, which UTF-8 has no bytes for. */
export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  if (!text.isWellFormed()) throw new RangeError("a string with half a surrogate pair has no UTF-8 form");
  return encoder.encode(text);
}

/** The text of the bytes, or undefined where they are no UTF-8. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    // A fatal TextDecoder has only one thing to complain about.
    return undefined;
  }
}
