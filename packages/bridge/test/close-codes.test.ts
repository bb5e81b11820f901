// The table of close codes is the contract between bridge and page; the README shows it to people.
import { readFileSync } from "node:fs";
import { BRIDGE_CLOSE, NODE_ENDED } from "@erl-dist/core/transports/bridge-protocol";
import { expect, it } from "vitest";

it("has every code once, where RFC 6455 lets a server use it, and in the README", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const codes = Object.values(BRIDGE_CLOSE).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const { code, meaning } of Object.values(BRIDGE_CLOSE)) {
    // 1005, 1006 and 1015 stand for what no frame can say (section 7.4.1).
    expect(code === 1012 || (code >= 4400 && code < 4600)).toBe(true);
    expect(readme).toContain(`| ${code} | ${meaning} |`);
  }
  expect(readme).toContain(`| ${NODE_ENDED} | `);
  // And no other: all but 1012 are of the form 4xxx, and one is not in the table.
  expect(codes).not.toContain(NODE_ENDED);
  expect(readme.match(/^\| 4\d{3} \|/gm)).toHaveLength(codes.length);
});
