// What a page uses as its cookie under custody. It is made from the bridge's key, so nobody has to keep it: the bridge makes it
// again when the page comes, and the page sees by the bridge's digest that it talks with who has that key.

/** Bytes that a key must have. */
export const LEAST_KEY_BYTES = 32;

/**
 * HMAC-SHA-256 of the grant's id and the target's id, as 43 characters. `id` is a JWT's `jti`; other verifiers say what theirs
 * is. Rejects with a RangeError for a key that is too short.
 */
export async function sessionSecret(key: string, id: string, target: string): Promise<string> {
  const bytes = await hmac(key, `erldist session\0${id.length}:${id}\0${target}`);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** Throws a RangeError for a key that could be guessed. */
export function checkKey(key: string, what: string): void {
  const { length } = encoder.encode(key);
  if (length < LEAST_KEY_BYTES) {
    throw new RangeError(`${what}: has ${length} bytes, and less than ${LEAST_KEY_BYTES} can be guessed (openssl rand -hex 32)`);
  }
}

async function hmac(key: string, text: string): Promise<Uint8Array> {
  checkKey(key, "key");
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", encoder.encode(key), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
}

const encoder = new TextEncoder();
