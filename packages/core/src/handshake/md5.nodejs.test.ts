import { createHash, randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { md5 } from "./md5.ts";

it("hashes as node:crypto does, at every length around the ends of blocks", () => {
  for (let length = 0; length < 300; length++) {
    const message = randomBytes(length);
    expect(Buffer.from(md5(message))).toEqual(createHash("md5").update(message).digest());
  }
});
