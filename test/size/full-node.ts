// The README's example; `npm run size` weighs what a page has to load for it.
import { ErlangNode, tuple } from "@erl-dist/core";
import { bridge } from "@erl-dist/core/transports/websocket";

const node = await ErlangNode.start({ cookie: "secret", connect: bridge("ws://127.0.0.1:4370") });
const self = node.spawn();
node.send({ name: "echo", node: "app@127.0.0.1" }, tuple(self.pid, "hello"));
console.log(await self.receive());
await node.stop();
