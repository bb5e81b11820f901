// What processes see of each other's links, monitors, exits, … must not depend on whether one of the two nodes is ours.
// More programs than here: npm run property.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { releases } from "../../../../test/support/otp.ts";
import { type Program, programs, toErlang } from "./program.ts";
import { startTwoNodes, type TwoNodes } from "./two-nodes.ts";

/** Programs that once gave something else with our node. */
const FIXED: readonly (readonly [string, Program])[] = [
  [
    "links to a process of the same node that has ended",
    [
      ["b1", ["exit", "normal"]],
      ["b0", ["link", "b1"]],
      ["b0", ["trap_exit", true]],
      ["b0", ["link", "b1"]],
    ],
  ],
  [
    "monitors itself, and ends that",
    [
      ["b0", ["monitor", 0, "b0", "none"]],
      ["b0", ["demonitor", 0, false]],
    ],
  ],
  [
    "sends to the alias of a monitor of oneself",
    [
      ["b0", ["monitor", 0, "b0", "demonitor"]],
      ["a0", ["send", ["alias", "b0", 0], 1]],
    ],
  ],
];

describe.each(releases())("with OTP $otp", (release) => {
  let nodes: TwoNodes;
  beforeAll(async () => {
    nodes = await startTwoNodes(release);
  });
  afterAll(() => nodes[Symbol.asyncDispose]());

  async function expectSame(program: Program): Promise<void> {
    const trace = await nodes.withErlang(program);
    expect(await nodes.withOurs(program), toErlang(program)).toEqual(trace);
    expect(nodes.leftovers(), toErlang(program)).toEqual({});
  }

  it.each(FIXED)("sees the same when a process %s", async (_, program) => {
    await expectSame(program);
  });

  it("sees the same in random programs", async () => {
    await fc.assert(fc.asyncProperty(programs(40), expectSame), { seed: 20_261_122, numRuns: 100 });
  });

  it("sees exits, ends of monitors and what commands return", async () => {
    const trace = await nodes.withErlang([
      ["a0", ["trap_exit", true]],
      ["a0", ["spawn", 0, "b", "worker", ["list", "link", "monitor"]]],
      ["s1", ["exit", "boom"]],
      ["a0", ["link", "s1"]],
      ["disconnect", "a0", ["monitor", 1, ["name", "b", "n1"], "none"]],
    ]);
    expect(trace).toEqual([
      "1. a0 {trap_exit,true} -> true",
      "2. a0 {spawn,0,b,worker,[link,monitor]} -> {s1,{ref,2}}",
      "3. s1 {exit,boom} -> died",
      "     {a0,{'EXIT',s1,boom}}",
      "     {a0,{'DOWN',{ref,2},process,s1,boom}}",
      "     {s1,{ended,boom}}",
      "4. a0 {link,s1} -> true",
      "     {a0,{'EXIT',s1,noproc}}",
      "5. {disconnect,a0} {monitor,1,{name,b,n1},none} -> {ref,5}",
      "     {a0,{'DOWN',{ref,5},process,{n1,b},noproc}}",
    ]);
  });
});
