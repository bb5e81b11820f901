// A bridge as it stands in front of a node that matters, and those who come to it: with a ticket as they should have one, and with
// hands of their own.
import { ErlangNode, type NodeOptions } from "@erl-dist/core";
import { digest, HEADER_FLAGS, Initiator, type InitiatorOptions } from "@erl-dist/core/handshake";
import { SUBPROTOCOL, TOKEN_PREFIX } from "@erl-dist/core/transports/bridge-protocol";
import { withTickets } from "@erl-dist/core/transports/websocket";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { ErlNode } from "../../../../test/support/otp.ts";
import { type BridgeConfig, mintTicket, type Ticket } from "../../src/index.ts";
import { openPage, type Page, type RunningBridge, startBridge, until } from "./bridge.ts";

export const KEY = "only for tests, and long enough to be a key";
export const ORIGIN = "https://shop.example";
export const TARGET = "shop";

/** On a busy machine everything takes its time, and links that have ended are not gone at once; none of that is tested with it. */
const PATIENCE_MS = 30_000;
const PATIENT_LIMITS: BridgeConfig["limits"] = {
  dialTimeMs: PATIENCE_MS,
  handshakeTimeMs: PATIENCE_MS,
  openingsPerMinute: 100_000,
  linksPerIp: 1_000,
  linksPerSubject: 1_000,
};

export const LEVELS = [
  ["gated", { level: "gated" }],
  ["custody", { level: "custody" }],
  ["custody that terminates", { level: "custody", custody: "terminate" }],
] as const;

export interface Guarded extends RunningBridge {
  /** Goes on with what it had, and these changes. */
  readonly reconfigure: (changes: Partial<BridgeConfig>) => void;
  /** A ticket for one connection; under `gated` its secret is the node's cookie. */
  readonly ticket: (more?: Partial<Parameters<typeof mintTicket>[0]>) => Promise<Ticket>;
}

/** In front of that node, with all that a start without `dev` asks for. */
export async function startGuarded(erl: ErlNode, config: Partial<BridgeConfig> = {}): Promise<Guarded> {
  const { level = "custody" } = config;
  const whole: BridgeConfig = {
    dev: false,
    portNo: 0,
    key: KEY,
    cookie: erl.cookie,
    auth: { type: "jwt" },
    origins: [ORIGIN],
    targets: { [TARGET]: { node: erl.name, portNo: erl.portNo } },
    ...config,
    limits: { ...PATIENT_LIMITS, ...config.limits },
  };
  const running = await startBridge(whole);
  return {
    ...running,
    reconfigure: (changes) => running.bridge.reconfigure({ ...whole, ...changes }),
    async ticket(more) {
      const ticket = await mintTicket({ key: KEY, subject: "ann", target: TARGET, ...more });
      return level === "custody" ? ticket : { ...ticket, secret: erl.cookie };
    },
  };
}

export interface Visitor {
  readonly node: ErlangNode;
  /** All bytes that the bridge has sent to it. */
  readonly seen: () => Buffer;
  /** All that it has sent, message by message. */
  readonly said: readonly Uint8Array[];
}

export interface VisitorOptions extends Partial<NodeOptions> {
  /** An authority to trust, for wss:. */
  readonly ca?: string;
  readonly ticket?: Ticket;
}

/** A node of ours that comes with a ticket for each connection, as a page's would. */
export async function visit(
  { url, ticket: mint }: Pick<Guarded, "url" | "ticket">,
  options: VisitorOptions = {},
): Promise<Visitor> {
  const { ca, ticket: given, ...more } = options;
  const chunks: Buffer[] = [];
  const said: Uint8Array[] = [];
  class Noted extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols, { origin: ORIGIN, perMessageDeflate: false, ...(ca === undefined ? {} : { ca }) });
      this.on("message", (data) => chunks.push(Buffer.from(data as ArrayBuffer)));
      const send = this.send.bind(this);
      this.send = (data: Uint8Array) => {
        said.push(data);
        send(data);
      };
      this.on("upgrade", (response) => chunks.push(Buffer.from(response.rawHeaders.join("\n"))));
    }
  }
  const node = await ErlangNode.start({
    ...withTickets(url, () => given ?? mint(), { target: TARGET, WebSocket: Noted, timeoutMs: PATIENCE_MS }),
    limits: { handshakeTimeMs: PATIENCE_MS },
    ...more,
  });
  onTestFinished(() => node.stop());
  return { node, seen: () => Buffer.concat(chunks), said };
}

/** A WebSocket that was let in, and on which nothing was said. */
export function enter(url: string, token: string): Promise<Page> {
  const entry = TOKEN_PREFIX + Buffer.from(token).toString("base64url");
  return openPage(url, { path: `/dist/${TARGET}`, protocols: [SUBPROTOCOL, entry], origin: ORIGIN });
}

/** Shakes hands as whoever it likes to be; gives false when the bridge or the node ends it before that is done. */
export async function shakeHands(page: Page, erl: ErlNode, options: Partial<InitiatorOptions>): Promise<boolean> {
  const initiator = new Initiator({
    name: "127.0.0.1",
    dynamicName: true,
    creation: 4,
    peer: erl.name,
    cookie: erl.cookie,
    flags: HEADER_FLAGS,
    challenge: 1234,
    packetBytes: 2,
    now: 0,
    stepTimeMs: 60_000,
    handshakeBytes: 4096,
    ...options,
  });
  let result: boolean | undefined;
  const go = (): void => {
    for (let event = initiator.nextEvent(0); event !== undefined; event = initiator.nextEvent(0)) {
      if (event.type === "connected" || event.type === "failed") result = event.type === "connected";
    }
    const outbound = initiator.takeOutbound();
    if (outbound !== undefined && page.socket.readyState === WebSocket.OPEN) page.socket.send(outbound);
  };
  const listener = (data: Buffer): void => {
    initiator.receive(data);
    go();
  };
  page.socket.on("message", listener);
  void page.closed.then(() => {
    result ??= false;
  });
  go();
  await until(() => result !== undefined);
  page.socket.off("message", listener);
  return result ?? false;
}

export interface Vitals {
  readonly atoms: number;
  readonly bytes: number;
}

/** What an attack would change in a node. That it answers shows that it lives. */
export async function vitals(erl: ErlNode): Promise<Vitals> {
  const ask = "[garbage_collect(P) || P <- processes()], {erlang:system_info(atom_count), erlang:memory(total)}";
  // What asking itself costs is there after the first time.
  await erl.eval(ask);
  const [, atoms, bytes] = /^\{(\d+),(\d+)\}$/.exec(await erl.eval(ask)) ?? [];
  return { atoms: Number(atoms), bytes: Number(bytes) };
}

/** What the cookie would look like on the wire, and all that is made from it in a handshake with these challenges. */
export function tracesOf(cookie: string, challenges: readonly number[]): readonly Buffer[] {
  return [Buffer.from(cookie), ...challenges.map((challenge) => Buffer.from(digest(cookie, challenge)))];
}
