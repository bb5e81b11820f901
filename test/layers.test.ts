import { expect, it } from "vitest";
import { layerViolations } from "./support/layers.ts";
import { readRepository } from "./support/sources.ts";

const core = (path: string, text: string): { path: string; text: string } => ({ path: `packages/core/src/${path}`, text });

it("finds every import of the sources in the layer picture, and no clock, random or Promise in the protocol layers", () => {
  const sources = readRepository("packages").filter(({ path }) => /^packages\/[^/]+\/src\/.*(?<!\.test)\.ts$/.test(path));
  expect(sources.map(({ path }) => path)).toContain("packages/core/src/errors.ts");
  expect(layerViolations(sources)).toEqual([]);
});

it.each([
  [
    "a lower layer importing a higher one",
    [core("bytes/reader.ts", 'import { atom } from "../etf/index.ts";')],
    /bytes.*must not import.*etf/,
  ],
  [
    "a type import against the arrows",
    [core("etf/decode.ts", 'import type { Flags } from "../handshake/flags.ts";')],
    /must not import/,
  ],
  [
    "a re-export against the arrows",
    [core("handshake/index.ts", 'export * from "../distribution/index.ts";')],
    /must not import/,
  ],
  [
    "an import type against the arrows",
    [core("etf/a.ts", 'export type A = import("../node/node.ts").ErlangNode;')],
    /must not import/,
  ],
  ["a dynamic import against the arrows", [core("etf/a.ts", 'void import("../node/node.ts");')], /must not import/],
  ["a computed import", [core("etf/a.ts", "void import(name);")], /must not import "\(computed\)"/],
  ["errors.ts importing anything", [core("errors.ts", 'import { DEFAULT_LIMITS } from "./limits.ts";')], /must not import/],
  [
    "a carrier that knows terms",
    [core("transports/websocket.ts", 'import { decode } from "../etf/index.ts";')],
    /must not import/,
  ],
  ["a carrier importing a carrier", [core("transports/websocket.ts", 'import { tcp } from "./nodejs.ts";')], /must not import/],
  [
    "the protocol importing a carrier",
    [core("distribution/connection.ts", 'import "../transports/byte-stream.ts";')],
    /must not import/,
  ],
  ["messages of EPMD importing their client", [core("epmd/messages.ts", 'import "./client.ts";')], /must not import/],
  [
    "a process-level service importing the node",
    [core("node/rpc.ts", 'import type { ErlangNode } from "./node.ts";')],
    /must not import/,
  ],
  [
    "the core importing one of our packages",
    [core("node/node.ts", 'import "@erl-dist/bridge";')],
    /must not import "@erl-dist\/bridge"/,
  ],
  [
    "the core's main entry importing Node.js's carrier",
    [core("index.ts", 'export * from "./transports/nodejs.ts";')],
    /must not import/,
  ],
  ["Node.js outside its carrier", [core("node/driver.ts", 'import { connect } from "node:net";')], /must not import "node:net"/],
  [
    "the page importing the bridge",
    [{ path: "packages/web-demo/src/a.ts", text: 'import "@erl-dist/bridge";' }],
    /must not import/,
  ],
  [
    "the worker importing more of the bridge than its policy",
    [{ path: "packages/worker/src/a.ts", text: 'import "@erl-dist/bridge";' }],
    /must/,
  ],
  [
    "a package reaching into another by path",
    [{ path: "packages/bridge/src/a.ts", text: 'import "../../core/src/errors.ts";' }],
    /must not/,
  ],
  ["a file outside of every layer", [core("utils.ts", "")], /belongs to no layer/],
  [
    "a cycle",
    [core("etf/a.ts", 'import "./b.ts";'), core("etf/b.ts", 'import type { A } from "./a.ts";')],
    /^cycle: .*a\.ts > .*b\.ts > .*a\.ts$/,
  ],
  ["a file importing itself", [core("etf/a.ts", 'import "./a.ts";')], /^cycle/],
  ["a clock", [core("handshake/acceptor.ts", "const now = Date.now();")], /must not contain Date/],
  ["a clock reached through globalThis", [core("handshake/acceptor.ts", 'const now = globalThis["Date"].now();')], /globalThis/],
  ["a random number", [core("handshake/acceptor.ts", "const challenge = Math.random();")], /Math\.random/],
  ["a Promise in a type", [core("etf/a.ts", "export interface A { done: Promise<void> }")], /must not contain Promise/],
  ["an async method", [core("distribution/a.ts", "export class A { async run(): void {} }")], /async function/],
  ["an await", [core("distribution/a.ts", "await go();")], /must not contain await/],
  ["a timer", [core("distribution/connection.ts", "setTimeout(tick, 15_000);")], /must not contain setTimeout/],
  ["a shorthand that hands a global on", [core("etf/a.ts", "run({ queueMicrotask });")], /must not contain queueMicrotask/],
  ["console in the core", [core("node/driver.ts", "console.log(1);")], /must not contain console/],
  ["mutable state of a module", [core("node/driver.ts", "let counter = 0;")], /module-level let/],
  ["exported mutable state", [{ path: "packages/bridge/src/a.ts", text: "export let open = 0;" }], /module-level let/],
])("catches %s", (_, files, message) => {
  const violations = layerViolations(files);
  expect(violations).toHaveLength(1);
  expect(violations[0]).toMatch(message);
});

it("takes arrows that the picture has, and names of fields, strings and comments that only look like a clock", () => {
  const text = `
    // Date.now(), Promise, console.log
    import { u32 } from "../bytes/reader.ts";
    export const words = { Date: "Promise", async: 1, now: (clock: Clock): string => clock.performance + "setTimeout" };
    export function count(): number { let n = 0; n += 1; return n; }
  `;
  expect(layerViolations([core("etf/a.ts", text), core("bytes/reader.ts", "")])).toEqual([]);
});
