// A program for Node.js, Deno and Bun alike: connects to an Erlang node, is called by it over another connection, and does the
// same between two nodes of its own over TLS. Arguments: the carrier, the Erlang node, its port, a certificate and its key.
import { ErlangNode } from "@erl-dist/core";
import type * as NodejsCarrier from "@erl-dist/core/transports/nodejs";

const [carrier = "", peer = "", peerPortNo = "", cert = "", key = ""] = process.argv.slice(2);
const { listenTcp, tcp } = (await import(`@erl-dist/core/transports/${carrier}`)) as typeof NodejsCarrier;

const portNos: number[] = [];
const listen = (tls?: { cert: string; key: string }): Parameters<typeof ErlangNode.start>[0]["listen"] => {
  const listener = listenTcp({ host: "127.0.0.1", epmd: false, tls });
  return async (options) => {
    const listening = await listener(options);
    portNos.push(listening.portNo ?? 0);
    return listening;
  };
};
const name = (first: string): string => `${first}${process.pid}@127.0.0.1`;

const client = await ErlangNode.start({ name: name("client"), cookie: "secret", connect: tcp({ portNo: Number(peerPortNo) }) });
console.log(`erlang: ${await client.ping(peer)}`);

const plain = await ErlangNode.start({ name: name("plain"), cookie: "secret", listen: listen() });
const secure = await ErlangNode.start({ name: name("secure"), cookie: "secret", listen: listen({ cert, key }) });
const [plainPortNo, securePortNo] = portNos;
const dialler = await ErlangNode.start({ name: name("dialler"), cookie: "secret", connect: tcp({ portNo: plainPortNo }) });
console.log(`tcp: ${await dialler.ping(plain.name)}`);
const tls = tcp({ portNo: securePortNo, tls: { ca: cert } });
const secureDialler = await ErlangNode.start({ name: name("tls"), cookie: "secret", connect: tls });
console.log(`tls: ${await secureDialler.ping(secure.name)}`);

await Promise.all([client, plain, secure, dialler, secureDialler].map((node) => node.stop()));
console.log("stopped");
