// A chat in a process group: every node that has joined it, in Erlang or JavaScript, gets each line that somebody types.
// On an Erlang node with the same cookie (started with -kernel start_pg true):
//   pg:join(chat, self()), [P ! {chat, "erl", "hello"} || P <- pg:get_members(chat)], flush().
//
//   node -C @erl-dist/source examples/pg-chat.ts app@127.0.0.1 Ada --cookie secret
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { atom, charlist, ErlangNode, pattern, pg, type Term, text, tuple } from "@erl-dist/core";
import { tcp } from "@erl-dist/core/transports/nodejs";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    cookie: { type: "string" },
    group: { type: "string", default: "chat" },
    // Of the node itself, where it listens on a known port; otherwise EPMD is asked (ERL_EPMD_PORT).
    port: { type: "string" },
  },
});
const [peer, who] = positionals;
if (peer === undefined || who === undefined || values.cookie === undefined) {
  console.error("usage: pg-chat.ts NODE WHO --cookie COOKIE [--group GROUP] [--port PORT]");
  process.exit(2);
}

try {
  await using node = await ErlangNode.start({
    cookie: values.cookie,
    connect: tcp(values.port === undefined ? {} : { portNo: Number(values.port) }),
  });
  const groups = pg(node);
  const chat = atom(values.group);
  const self = node.spawn(async (me) => {
    for (;;) {
      const { Who, Line } = await me.receive(pattern<{ Who: Term; Line: Term }>`{chat, Who, Line}`);
      console.log(`${text(Who)}: ${text(Line)}`);
    }
  });
  for (const type of ["join", "leave"] as const) {
    groups.addEventListener(type, ({ pids }) => console.log(`${type}: ${pids.join(" ")}`));
  }
  groups.join(chat, self);
  await node.connect(peer);
  // The end of the input ends the chat.
  for await (const line of createInterface({ input: process.stdin })) {
    for (const member of groups.members(chat)) node.send(member, tuple(atom("chat"), charlist(who), charlist(line)));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
