import { expect, it } from "vitest";
import { DFLAG, expandDigest, flagNames, HEADER_FLAGS, MANDATORY_FLAGS, PASS_THROUGH_FLAGS } from "./flags.ts";

it("demands what erts_internal:get_dflags() of OTP 26 and later demands", () => {
  expect(MANDATORY_FLAGS).toBe(0x4_0307_0f94n);
});

it("says of itself what OTP 29 does, without PUBLISHED, and without what goes with distribution headers", () => {
  expect(HEADER_FLAGS).toBe(0x6d_07df_7fbcn);
  expect(PASS_THROUGH_FLAGS).toBe(0x6d_075f_5fbcn);
});

it("has the bits of dist.h where documents and other implementations differ", () => {
  expect(DFLAG.MANDATORY_25_DIGEST).toBe(1n << 26n);
  expect(DFLAG.FRAGMENTS).toBe(1n << 23n);
  expect(DFLAG.SPAWN).toBe(1n << 32n);
  expect(DFLAG.NAME_ME).toBe(1n << 33n);
  expect(DFLAG.ALIAS).toBe(1n << 35n);
});

it("never says ALTACT_SIG without ALIAS, nor DIST_MONITOR without DIST_MONITOR_NAME: OTP drops messages then", () => {
  for (const flags of [PASS_THROUGH_FLAGS, HEADER_FLAGS]) {
    for (const both of [DFLAG.ALTACT_SIG | DFLAG.ALIAS, DFLAG.DIST_MONITOR | DFLAG.DIST_MONITOR_NAME]) {
      expect([0n, both]).toContain(flags & both);
    }
  }
});

it("takes MANDATORY_25_DIGEST for all that OTP 25 demands", () => {
  expect(expandDigest(DFLAG.MANDATORY_25_DIGEST)).toBe(DFLAG.MANDATORY_25_DIGEST | 0x107_0f94n);
  expect(expandDigest(DFLAG.SPAWN)).toBe(DFLAG.SPAWN);
});

it("names flags in the order of their bits, and leaves out bits that have no name", () => {
  expect(flagNames((1n << 63n) | DFLAG.SPAWN | DFLAG.PUBLISHED)).toEqual(["PUBLISHED", "SPAWN"]);
});
