// npm run property -- --seconds 60 [--seed N] [--length 60]: random programs of links, monitors, exits, … on two Erlang nodes, and
// on one of them with a node of ours. Whoever takes part has to see the same. Runs with each release that is there
// (OTP_MATRIX_DIR); exits with 1 at the first program that gives something else, which it makes as short as it can.
import { parseArgs } from "node:util";
import fc from "fast-check";
import { programs, toErlang } from "../packages/core/test/property/program.ts";
import { startTwoNodes } from "../packages/core/test/property/two-nodes.ts";
import { releases } from "../test/support/otp.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    length: { type: "string", default: "60" },
  },
});
const [seconds, seed, length] = [values.seconds, values.seed, values.length].map(Number) as [number, number, number];
if (!(seconds > 0) || !Number.isInteger(seed) || !(length > 0)) {
  console.error("usage: npm run property -- --seconds 60 [--seed N] [--length 60]");
  process.exit(2);
}
console.log(`seed ${seed}, ${seconds} s`);
const found = releases();
for (const release of found) {
  await using nodes = await startTwoNodes(release);
  const differs = async (program: Parameters<typeof toErlang>[0]): Promise<string | undefined> => {
    const expected = await nodes.withErlang(program);
    const seen = await nodes.withOurs(program);
    const left = JSON.stringify(nodes.leftovers());
    if (expected.join() !== seen.join()) return `${expected.join("\n")}\nwith our node:\n${seen.join("\n")}`;
    return left === "{}" ? undefined : `left over: ${left}`;
  };
  const holds = fc.asyncProperty(programs(length), async (program) => (await differs(program)) === undefined);
  const result = await fc.check(holds, {
    seed,
    numRuns: Infinity,
    interruptAfterTimeLimit: (seconds * 1000) / found.length,
  });
  console.log(`OTP ${release.otp}: ${result.numRuns} programs`);
  const [program] = result.counterexample ?? [];
  if (program === undefined) continue;
  console.error(`${toErlang(program)}\n${(await differs(program)) ?? String(result.errorInstance)}\n(seed ${seed})`);
  process.exitCode = 1;
  break;
}
