// Runs programs on an Erlang node together with another one, and together with a node of ours.
import { readFileSync } from "node:fs";
import { type Release, type ErlNode, placeFiles, startEpmd, startErl } from "../../../../test/support/otp.ts";
import { ErlangNode, type NodeCounts } from "../../src/index.ts";
import { listenTcp, tcp } from "../../src/transports/nodejs.ts";
import { startController } from "./controller.ts";
import { type Program, toErlang, traceLines } from "./program.ts";

export interface TwoNodes extends AsyncDisposable {
  /** What processes on two Erlang nodes see. */
  withErlang(program: Program): Promise<string[]>;
  /** What they see when the second node is ours. */
  withOurs(program: Program): Promise<string[]>;
  /** What our node holds beyond what it did when nothing had run. */
  leftovers(): Partial<NodeCounts>;
}

const SOURCE = readFileSync(new URL("./signal_program.erl", import.meta.url), "utf8");
// One scheduler: see there. Hidden, as ours: `global` of a visible node would connect as it likes.
const ARGS = ["+S", "1", "-hidden", "-connect_all", "false", "-kernel", "prevent_overlapping_partitions", "false"];

export async function startTwoNodes(release: Release): Promise<TwoNodes> {
  await using stack = new AsyncDisposableStack();
  const epmd = await startEpmd();
  stack.defer(() => epmd.stop());
  const files = placeFiles(release, { "signal_program.erl": SOURCE });
  const start = async (): Promise<ErlNode> => {
    const erl = stack.use(await startErl({ release, epmd, args: ARGS }));
    await erl.eval(`{ok, Module, Code} = compile:file("${files.folder}/signal_program", [binary]),
      {module, _} = code:load_binary(Module, "", Code), signal_program:start()`);
    return erl;
  };
  const [a, b] = await Promise.all([start(), start()]).finally(() => files.remove());
  const address = { host: "127.0.0.1", portNo: epmd.portNo };
  const node = await ErlangNode.start({
    name: `ours-${a.name}`,
    cookie: a.cookie,
    connect: tcp({ epmdPortNo: epmd.portNo }),
    listen: listenTcp({ host: "127.0.0.1", epmd: address }),
  });
  stack.defer(() => node.stop());
  startController(node);
  const { counts } = node;
  const run = async (peer: string, program: Program): Promise<string[]> =>
    traceLines(await a.eval(`signal_program:run('${peer}', ${toErlang(program)})`));
  const owned = stack.move();
  return {
    withErlang: (program) => run(b.name, program),
    withOurs: (program) => run(node.name, program),
    leftovers: () =>
      Object.fromEntries(Object.entries(node.counts).filter(([what, count]) => count !== counts[what as keyof NodeCounts])),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
