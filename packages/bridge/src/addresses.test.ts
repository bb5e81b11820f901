import { expect, it } from "vitest";
import { addressFilter } from "./addresses.ts";

it.each([
  "127.0.0.1",
  "127.8.8.8",
  "::1",
  "::ffff:127.0.0.1",
  "0.0.0.0",
  "::",
  "169.254.169.254",
  "fe80::1",
  "fe80::1%eth0",
  "224.0.0.1",
  "255.255.255.255",
  "ff02::1",
  "64:ff9b::7f00:1",
  "2002:7f00:1::",
])("lets no pattern lead to %s", (address) => {
  expect(addressFilter({}, true, "")(address)).toBe(false);
  // Whoever configures a target by its name may mean that.
  expect(addressFilter({}, false, "")(address)).toBe(true);
});

it.each(["10.1.2.3", "192.168.1.1", "8.8.8.8", "fd00::1", "2001:db8::1"])("lets a pattern lead to %s", (address) => {
  expect(addressFilter({}, true, "")(address)).toBe(true);
});

it("follows the ranges that it is given, the forbidden ones first", () => {
  const may = addressFilter(
    { onlyAddresses: ["10.0.0.0/8", "fd00::/8", "127.0.0.1"], neverAddresses: ["10.9.0.0/16"] },
    true,
    "",
  );
  expect(["10.1.0.1", "::ffff:10.1.0.1", "fd12::1", "127.0.0.1"].filter(may)).toHaveLength(4);
  expect(["10.9.0.1", "::ffff:10.9.0.1", "11.0.0.1", "127.0.0.2", "fe80::1"].filter(may)).toEqual([]);
  expect(addressFilter({ neverAddresses: ["127.0.0.0/8"] }, false, "")("127.0.0.1")).toBe(false);
});

it.each(["10.0.0.0/33", "fd00::/129", "10.0.0/8", "host", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/-1", ""])(
  "takes no range like %j",
  (range) => {
    expect(() => addressFilter({ onlyAddresses: [range] }, false, "targets.app")).toThrow(
      `targets.app.onlyAddresses: "${range}" is not a range`,
    );
  },
);
