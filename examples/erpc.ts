// Calls both ways: functions of an Erlang node from here, and functions of this program from Erlang.
//
//   node -C @erl-dist/source examples/erpc.ts app@127.0.0.1 --cookie secret
//   node -C @erl-dist/source examples/erpc.ts app@127.0.0.1 --cookie secret --serve    and then call it from the node's shell
import { once } from "node:events";
import { parseArgs } from "node:util";
import { atom, ErlangError, ErlangNode, format, type Term, text, tuple } from "@erl-dist/core";
import { tcp } from "@erl-dist/core/transports/nodejs";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { cookie: { type: "string" }, serve: { type: "boolean" } },
});
const [peer] = positionals;
if (peer === undefined || values.cookie === undefined) {
  console.error("usage: erpc.ts NODE --cookie COOKIE [--serve]");
  process.exit(2);
}

await using node = await ErlangNode.start({ cookie: values.cookie, connect: tcp() });

// What Erlang may run here, and nothing else. Each call is a process of its own, which is `this`.
node.expose("js", {
  upper: (word: Uint8Array) => text(word).toUpperCase(),
  async sleep(timeMs: number) {
    await new Promise((resolve) => setTimeout(resolve, timeMs));
    return tuple(this.pid, atom("awake"));
  },
  fail() {
    throw new ErlangError("error", atom("badarith"));
  },
});

const show = (what: string, result: Term): void => console.log(`${what} = ${format(result)}`);

try {
  show("erlang:node()", await node.erpc(peer, "erlang", "node", []));
  show("lists:sum([1,2,3])", await node.erpc(peer, "lists", "sum", [[1, 2, 3]], { timeoutMs: 5_000 }));

  // The node there calls us while we call it.
  const back = (name: string, ...args: Term[]): Promise<Term> =>
    node.erpc(peer, "erpc", "call", [atom(node.name), atom("js"), atom(name), args, 5_000]);
  show('js:upper(<<"hello">>)', await back("upper", "hello"));
  show("js:sleep(10)", await back("sleep", 10));
  show("js:fail()", await back("fail"));
} catch (error) {
  if (!(error instanceof ErlangError)) throw error;
  // What our own function threw has gone to Erlang and come back.
  console.log(`${error.code}: ${error.class}:${format(error.reason)}`);
}

if (values.serve === true) {
  console.log(`try: erpc:call('${node.name}', js, upper, [<<"hello">>]).`);
  await once(node, "nodedown");
}
