// The scenario as a program, for Node.js, Deno and Bun: prints the acts that went as they should, as JSON.
// Arguments: the carrier's module, the Erlang node, its port, the cookie.
import { ErlangNode } from "../../src/index.ts";
import type { tcp as Tcp } from "../../src/transports/nodejs.ts";
import { scenario } from "../scenario.ts";

const [carrier, peer = "", portNo, cookie = ""] = process.argv.slice(2);
const { tcp } = (await import(`../../src/transports/${carrier}.ts`)) as { readonly tcp: typeof Tcp };
const node = await ErlangNode.start({ name: `${carrier}-${peer}`, cookie, connect: tcp({ portNo: Number(portNo) }) });
try {
  console.log(JSON.stringify(await scenario(node, peer)));
} finally {
  await node.stop();
}
