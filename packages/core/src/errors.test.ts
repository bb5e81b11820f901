import { expect, it } from "vitest";
import { DecodeError } from "./errors.ts";

it("says where decoding stopped, what was expected and what came", () => {
  const error = new DecodeError("bad_tag", { offset: 17, expected: "ATOM_UTF8_EXT", got: 0x6b });
  expect(error.message).toBe("at byte 17: expected ATOM_UTF8_EXT, got 0x6b");
});
