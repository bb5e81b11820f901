// What two nodes do with each other, from ping to a lost connection: one scenario, by the public API alone, for every runtime
// that the core runs in. The other node is a real Erlang node, and needs no preparation.
import {
  atom,
  charlist,
  equals,
  ErlangError,
  type ErlangNode,
  Float,
  format,
  map,
  type Pid,
  type Process,
  type Term,
  type Tuple,
  tuple,
} from "../src/index.ts";

/** Plays all acts with a node that is connected to nobody; gives their names, or rejects with what went otherwise. */
export async function scenario(node: ErlangNode, peer: string): Promise<string[]> {
  const done: string[] = [];
  const self = node.spawn();
  self.register("here");
  self.trapExit = true;
  try {
    for (const [name, act] of Object.entries(ACTS)) {
      await act({ node, self, peer });
      done.push(name);
    }
  } catch (error) {
    throw new Error(`after ${done.join(", ") || "nothing"}: ${String(error)}`, { cause: error });
  }
  self.exit(NORMAL);
  return done;
}

interface Stage {
  readonly node: ErlangNode;
  readonly self: Process;
  readonly peer: string;
}

const NORMAL = atom("normal");

const ACTS = {
  async "ping both ways"({ node, peer }) {
    // Says why, should it not come to that.
    await node.connect(peer);
    same(await node.ping(peer), true);
    same(await evaluate(node, peer, "net_adm:ping(Node)"), atom("pong"));
  },

  async "send and receive"(stage) {
    const { self, node } = stage;
    const echo = await helper(stage, "Echo = fun F() -> receive {From, What} -> From ! {self(), What}, F() end end, Echo()");
    const message = [
      1,
      1.5,
      new Float(1),
      -(2n ** 80n),
      "text",
      charlist("list"),
      map({ key: [atom("x"), self.pid] }),
      self.makeRef(),
    ];
    self.send(echo, tuple(self.pid, message));
    same(
      await next(self),
      tuple(
        echo,
        message.map((each) => (typeof each === "string" ? new TextEncoder().encode(each) : each)),
      ),
    );
    await evaluate(node, stage.peer, "[{here, Node} ! N || N <- lists:seq(1, 100)]");
    for (let count = 1; count <= 100; count++) same(await next(self), count);
    const alias = self.alias({ reply: true });
    self.send(echo, tuple(alias, atom("once")));
    self.send(echo, tuple(alias, atom("twice")));
    self.send(echo, tuple(self.pid, atom("last")));
    same(await next(self), tuple(echo, atom("once")));
    same(await next(self), tuple(echo, atom("last")));
    self.exit(echo, atom("kill"));
  },

  async "registered names"(stage) {
    const { node, self, peer } = stage;
    const server = await helper(stage, "register(scenario, self()), receive stop -> ok end");
    const there = { name: "scenario", node: peer };
    const ref = self.monitor(there);
    self.send(there, atom("stop"));
    same(await next(self), down(ref, tuple(atom("scenario"), atom(peer)), NORMAL));
    node.send(there, atom("lost"));
    same(await evaluate(node, peer, "whereis(scenario)"), atom("undefined"));
    self.send(server, atom("lost"));
  },

  async links(stage) {
    const { node, self } = stage;
    const linked = await helper(stage, "receive bang -> exit(bang) end");
    self.link(linked);
    self.send(linked, atom("bang"));
    same(await next(self), tuple(atom("EXIT"), linked, atom("bang")));
    self.link(linked);
    same(await next(self), tuple(atom("EXIT"), linked, atom("noproc")));
    const trapping = await helper(
      stage,
      "process_flag(trap_exit, true), receive Other -> link(Other), {here, Node} ! linked end, receive Exit -> {here, Node} ! Exit end",
    );
    const other = node.spawn();
    self.send(trapping, other.pid);
    same(await next(self), atom("linked"));
    other.exit(atom("over"));
    same(await next(self), tuple(atom("EXIT"), other.pid, atom("over")));
  },

  async monitors(stage) {
    const { node, self } = stage;
    const watched = await helper(stage, "receive _ -> exit({some, reason}) end");
    const taken = self.monitor(watched);
    const ref = self.monitor(watched);
    same(self.demonitor(taken), true);
    self.send(watched, 1);
    same(await next(self), down(ref, watched, tuple(atom("some"), atom("reason"))));
    const other = node.spawn();
    const watching = await helper(
      stage,
      "receive Other -> monitor(process, Other), {here, Node} ! monitors end, receive Down -> {here, Node} ! Down end",
    );
    self.send(watching, other.pid);
    same(await next(self), atom("monitors"));
    other.exit(atom("over"));
    same(((await next(self)) as Tuple).at(4), atom("over"));
  },

  async "exit signals"(stage) {
    const { node, self } = stage;
    const victim = await helper(
      stage,
      "process_flag(trap_exit, true), receive Exit -> {here, Node} ! Exit end, receive _ -> ok end",
    );
    const ref = self.monitor(victim);
    self.exit(victim, atom("shutdown"));
    same(await next(self), tuple(atom("EXIT"), self.pid, atom("shutdown")));
    self.exit(victim, atom("kill"));
    same(await next(self), down(ref, victim, atom("killed")));
    const ours = node.spawn();
    await helper(stage, "receive Other -> exit(Other, bang) end").then((killer) => self.send(killer, ours.pid));
    same(await ours.exited, atom("bang"));
  },

  async "functions of the other node"({ node, self, peer }) {
    same(await node.erpc(peer, "lists", "reverse", [[1, 2, 3]]), [3, 2, 1]);
    same(await node.rpc(peer, "erlang", "node", []), atom(peer));
    const failure = await node.erpc(peer, "erlang", "error", [atom("oops")]).catch((error: unknown) => error);
    if (!(failure instanceof ErlangError)) throw failure;
    same(tuple(failure.class, failure.reason), tuple("error", atom("oops")));
    const request = self.spawnRequest(peer, "no_such", "function", [], { monitor: true });
    const pid = await request;
    const undef = tuple(atom("undef"), [tuple(atom("no_such"), atom("function"), [], [])]);
    same(await next(self), down(request.id, pid, undef));
  },

  async "functions of ours"({ node, peer }) {
    node.expose("scenario", { add: (a: Term, b: Term) => Number(a) + Number(b) });
    same(await evaluate(node, peer, "erpc:call(Node, scenario, add, [1, 2])"), 3);
    same(await evaluate(node, peer, "rpc:call(Node, scenario, add, [3, 4])"), 7);
    same(await evaluate(node, peer, "catch erpc:call(Node, scenario, none, [])").then(firstOf), atom("EXIT"));
    same(node.unexpose("scenario"), true);
  },

  async gen_servers({ node, peer }) {
    let count = 0;
    const server = node.genServer("counter", {
      handleCall: () => count,
      handleCast: (by) => {
        count += Number(by);
      },
    });
    same(await evaluate(node, peer, "gen_server:cast({counter, Node}, 5), gen_server:call({counter, Node}, get)"), 5);
    same(await node.call({ name: "net_kernel", node: peer }, tuple(atom("is_auth"), atom(node.name))), atom("yes"));
    server.exit(NORMAL);
    const noproc = "try gen_server:call({counter, Node}, get) catch exit:{Reason, _} -> Reason end";
    same(await evaluate(node, peer, noproc), atom("noproc"));
  },

  async "losing the connection"(stage) {
    const { node, self, peer } = stage;
    const there = await helper(
      stage,
      "register(survivor, self()), process_flag(trap_exit, true), receive {'EXIT', _, Why} -> exit(Why) end",
    );
    self.link(there);
    const ref = self.monitor(there);
    same(await node.ping(peer), true);
    same(await node.disconnect(peer), true);
    const noconnection = atom("noconnection");
    same(await next(self), tuple(atom("EXIT"), there, noconnection));
    same(await next(self), down(ref, there, noconnection));
    same(node.nodes().length, 0);
    // The next signal connects again, and the link broke on the other side as well.
    const again = self.monitor({ name: "survivor", node: peer });
    const reason = ((await next(self)) as Tuple).at(4);
    if (reason !== atom("noproc")) same(reason, noconnection);
    same(self.demonitor(again), false);
  },
} satisfies Readonly<Record<string, (stage: Stage) => Promise<void>>>;

function same(got: Term, expected: Term): void {
  if (!equals(got, expected)) throw new Error(`expected ${format(expected)}, got ${format(got)}`);
}

function down(ref: Term, who: Term, reason: Term): Tuple {
  return tuple(atom("DOWN"), ref, atom("process"), who, reason);
}

function firstOf(term: Term): Term {
  return (term as Tuple).at(0);
}

/** Nothing in here takes long, but the machine may. */
function next(self: Process): Promise<Term> {
  return self.receive(undefined, { timeoutMs: 20_000 });
}

/** Runs expressions there, with `Node` bound to our name, and gives their value. */
async function evaluate(node: ErlangNode, peer: string, expressions: string): Promise<Term> {
  const value = await node.erpc(peer, "erl_eval", "exprs", await prepared(node, peer, expressions));
  return (value as Tuple).at(1);
}

/** A process there that runs the expressions. */
async function helper({ node, self, peer }: Stage, expressions: string): Promise<Pid> {
  return self.spawnRequest(peer, "erl_eval", "exprs", await prepared(node, peer, expressions));
}

async function prepared(node: ErlangNode, peer: string, expressions: string): Promise<Term[]> {
  const scanned = (await node.erpc(peer, "erl_scan", "string", [charlist(`${expressions}.`)])) as Tuple;
  const parsed = (await node.erpc(peer, "erl_parse", "parse_exprs", [scanned.at(1)])) as Tuple;
  if (parsed.at(0) !== atom("ok")) throw new Error(format(parsed));
  return [parsed.at(1), map(new Map([[atom("Node"), atom(node.name)]]))];
}

/** The names of the acts, in order. */
export const ACT_NAMES: readonly string[] = Object.keys(ACTS);
