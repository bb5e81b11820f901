// A page's carrier whose WebSockets a test holds too, so that it can stop reading or answering them.
import { type BridgeOptions, bridge } from "@erl-dist/core/transports/websocket";
import { WebSocket } from "ws";

export function keptSockets(url: string, options: Omit<BridgeOptions, "WebSocket">) {
  const sockets: WebSocket[] = [];
  class Kept extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols);
      sockets.push(this);
    }
  }
  return { sockets, connect: bridge(url, { ...options, WebSocket: Kept as unknown as typeof globalThis.WebSocket }) };
}
