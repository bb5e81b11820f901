import { expect, it } from "vitest";
import { captureOf } from "../../test/support/handshake-captures.ts";
import { bytesOf } from "../../test/support/hex.ts";
import { digest, equalDigests } from "./digest.ts";

it.each([
  // erlang:md5("secret" ++ "123") and so on
  ["secret", 123, "5d7845ac6ee7cfffafc5fe5f35cf666d"],
  ["", 0, "cfcd208495d565ef66e7dff9f98764da"],
  ["caf\u00e9", 1, "8b74a5d66c7e9721b1f1a6faf3f6f0ab"],
  ["secret", 4_294_967_295, "5dfd181e69aa587cc812eb333e6536b6"],
])("is MD5 over the cookie %s in Latin-1 and %i in digits", (cookie, challenge, expected) => {
  expect(digest(cookie, challenge)).toEqual(bytesOf(expected));
});

it("takes the challenge as unsigned: OTP's own, above 2^31, against what it acknowledged", () => {
  const [, challenge, ack] = captureOf("v6").received;
  const reply = captureOf("v6").sent[1];
  if (challenge === undefined || reply === undefined || ack === undefined) throw new Error("not captured");
  const number = (bytes: Uint8Array, at: number): number => new DataView(bytes.buffer).getUint32(at);
  expect(digest("secret", number(challenge, 11))).toEqual(reply.slice(7));
  expect(digest("secret", number(reply, 3))).toEqual(ack.slice(3));
});

it("refuses a cookie that no atom of OTP's could stand for in bytes", () => {
  expect(() => digest("kek\u0161", 1)).toThrow(RangeError);
});

it("finds digests equal only when every byte and the length are", () => {
  const one = digest("secret", 1);
  expect(equalDigests(one, one.slice())).toBe(true);
  for (const index of one.keys()) expect(equalDigests(one, one.with(index, (one[index] ?? 0) ^ 1))).toBe(false);
  expect(equalDigests(one, one.slice(0, 15))).toBe(false);
  expect(equalDigests(one.slice(0, 15), one)).toBe(false);
});
