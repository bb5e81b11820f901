// A page with a light node: what `npm run size` weighs, and then what loads the rest.
import { text, Tuple } from "@erl-dist/core";
import { connectAndSend } from "../../test/size/connect-and-send.ts";

declare global {
  interface Window {
    connectAndSend(bridgeUrl: string, peer: string, cookie: string): Promise<string>;
    receive(): Promise<string>;
  }
}

let node: Awaited<ReturnType<typeof connectAndSend>>;

window.connectAndSend = async (bridgeUrl, peer, cookie) => {
  node = await connectAndSend(bridgeUrl, peer, cookie);
  return node.name;
};

window.receive = async () => {
  const message = await node.receive();
  return message instanceof Tuple ? text(message.at(1)) : String(message);
};
