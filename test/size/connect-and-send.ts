// What a page needs in order to be a node, send, and receive; `npm run size` weighs it.
import { atom, ErlangNode, tuple } from "@erl-dist/core";
import { bridge } from "@erl-dist/core/transports/websocket";

const node = await ErlangNode.start({ cookie: "secret", connect: bridge("ws://127.0.0.1:4000") });
const self = node.spawn();
node.send({ name: "echo", node: "demo@127.0.0.1" }, tuple(self.pid, atom("hello")));
document.title = String(await self.receive());
await node.stop();
