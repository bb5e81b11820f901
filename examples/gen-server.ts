// A gen_server in JavaScript: a key-value store that an Erlang node calls, and that can keep a caller waiting.
//
//   node -C @erl-dist/source examples/gen-server.ts app@127.0.0.1 --cookie secret
import { once } from "node:events";
import { parseArgs } from "node:util";
import {
  atom,
  type Caller,
  type CallReply,
  equals,
  ErlangNode,
  type ErlMap,
  map,
  NO_REPLY,
  Stop,
  type Term,
  Tuple,
  tuple,
} from "@erl-dist/core";
import { tcp } from "@erl-dist/core/transports/nodejs";

class Store {
  /** What `sys:get_state/1` shows. */
  state: ErlMap = map({});
  #waiting: { readonly key: Term; readonly from: Caller }[] = [];

  handleCall(request: Term, from: Caller): CallReply {
    if (request === atom("stop")) return new Stop(atom("normal"), atom("stopped"));
    if (!(request instanceof Tuple)) return tuple(atom("error"), atom("unknown"));
    // {get, Key} or {wait, Key}
    const [tag, key] = (request as Tuple<readonly [Term, Term]>).elements;
    const value = this.state.get(key);
    if (tag === atom("get") || value !== undefined) return value ?? atom("undefined");
    this.#waiting.push({ key, from });
    return NO_REPLY;
  }

  handleCast(request: Term): void {
    // {put, Key, Value}
    const [, key, value] = (request as Tuple<readonly [Term, Term, Term]>).elements;
    this.state = map([...this.state, [key, value]]);
    for (const waiting of this.#waiting.filter((each) => equals(each.key, key))) waiting.from.reply(value);
    this.#waiting = this.#waiting.filter((each) => !equals(each.key, key));
  }
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { cookie: { type: "string" } } });
const [peer] = positionals;
if (peer === undefined || values.cookie === undefined) {
  console.error("usage: gen-server.ts NODE --cookie COOKIE");
  process.exit(2);
}

await using node = await ErlangNode.start({ cookie: values.cookie, connect: tcp() });
await node.connect(peer);
const server = node.genServer("store", new Store());
node.addEventListener("processcrash", ({ error }) => console.error(error));
console.log(`try: gen_server:cast({store, '${node.name}'}, {put, a, 1}), gen_server:call({store, '${node.name}'}, {get, a}).`);
await Promise.race([server.exited, once(node, "nodedown")]);
console.log("the server has ended");
