import { expect, it } from "vitest";
import { checkHost, checkNodeName, splitNodeName } from "./node-name.ts";

it("splits a full node name at its @", () => {
  expect(splitNodeName("app@host")).toEqual({ alive: "app", host: "host" });
  expect(splitNodeName("3CJ61VETUT62Y@10.0.0.1")).toEqual({ alive: "3CJ61VETUT62Y", host: "10.0.0.1" });
});

it.each([
  ["app", "no @"],
  ["", "no @"],
  ["app@host@more", "more than one @"],
  ["@host", "before the @"],
  ["app@", "after the @"],
  ["app@h\u00f6st", "ASCII"],
  ["app@ho st", "ASCII"],
  ["app@host\n", "ASCII"],
  [`${"a".repeat(252)}@abc`, "more than 255 characters"],
])("says of %j what is wrong: %s", (name, words) => {
  expect(splitNodeName(name)).toBeUndefined();
  expect(() => checkNodeName(name)).toThrow(words);
  expect(() => checkNodeName(name)).toThrow(RangeError);
});

it("takes a name of 255 characters", () => {
  checkNodeName(`${"a".repeat(251)}@abc`);
});

it("takes a host by itself only without an @", () => {
  checkHost("127.0.0.1");
  for (const host of ["", "app@host", "h\u00f6st"]) expect(() => checkHost(host)).toThrow(RangeError);
});
