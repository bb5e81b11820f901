// The bridge without a server of one's own: pages open a WebSocket to the Worker, and this object joins it with a TCP connection to the
// node. It decides by the same policy as the bridge in Node.js. There is one object for each target, so that places, names
// and used tokens are counted in one place.
import {
  Admissions,
  type AdmissionSettings,
  type Admitted,
  DEFAULT_ADMISSION_LIMITS,
  isLoopback,
  jwtTokens,
  type Refusal,
  readOpening,
} from "@erl-dist/bridge/policy";
import { ECHO_PROTOCOL, SUBPROTOCOL } from "@erl-dist/core/transports/bridge-protocol";
import type { Connector } from "@erl-dist/core";
import { DurableObject } from "cloudflare:workers";
import { bridgeKey, type BridgeSettings, readBridge } from "./bridge-settings.ts";
import { CallError } from "./call-error.ts";
import { dialer } from "./dialer.ts";
import { closing, EdgeLink, type Untaken } from "./edge-link.ts";
import { log } from "./log.ts";
import { readSettings, type Settings } from "./settings.ts";
import { StoredTokens } from "./stored-tokens.ts";

/** What one object with 128 MB can hold, should all pages stop to read at once (`edge-link.ts`). */
const LIMITS = { ...DEFAULT_ADMISSION_LIMITS, links: 100, packetBytes: 8 * 1024 * 1024 };

/** As long as there are links, the object wakes itself so often. */
const KEEP_ALIVE_MS = 30_000;

/** Pages behind `/dist/<target>`; the object's name is the target's id. */
export class EdgeBridgeObject extends DurableObject<Env> {
  readonly #links = new Set<EdgeLink>();
  readonly #untaken: Untaken = { bytes: 0 };
  readonly #tokens: StoredTokens;
  #settings: Settings | undefined;
  #dial: Connector | undefined;
  #admissions: Promise<Admissions> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#tokens = new StoredTokens(ctx.storage.sql);
  }

  override async fetch(request: Request): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    // What comes in as a Blob by default.
    server.binaryType = "arraybuffer";
    server.accept();
    // A page reads no status of a WebSocket that failed, so every refusal is the end of one that was accepted.
    await this.#admit(request, server);
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: offers(request, SUBPROTOCOL) ? { "sec-websocket-protocol": SUBPROTOCOL } : {},
    });
  }

  /** Links that last have a word now and then, but not from us: the alarm is what keeps the object in memory. */
  override async alarm(): Promise<void> {
    const left = this.#tokens.forget(Date.now());
    if (this.#links.size > 0 || left > 0) await this.ctx.storage.setAlarm(Date.now() + KEEP_ALIVE_MS);
  }

  get #config(): Settings {
    this.#settings ??= readSettings(this.env);
    return this.#settings;
  }

  async #admit(request: Request, socket: WebSocket): Promise<void> {
    const opening = readOpening({
      ip: request.headers.get("cf-connecting-ip") ?? "unknown",
      url: request.url,
      header: (name) => request.headers.get(name) ?? undefined,
    });
    const about = { target: opening.target, ip: opening.ip, origin: opening.origin?.slice(0, 255) };
    const refuse = (refusal: Refusal): void => {
      const { code, reason } = closing(refusal);
      log("bridge", { ...about, code, reason, detail: refusal.detail });
      socket.close(code, reason);
    };
    try {
      this.#admissions ??= this.#admissionsFor(new URL(request.url));
      const admissions = await this.#admissions;
      const dial = (this.#dial ??= dialer(this.#config, this.env));
      const admitted = await admissions.admit(opening, { now: Date.now(), signal: AbortSignal.timeout(LIMITS.verifyTimeMs) });
      if (admitted.refusal !== undefined) {
        refuse(admitted.refusal);
        return;
      }
      try {
        await this.#open(socket, { admissions, admitted, about, dial, echoes: offers(request, ECHO_PROTOCOL) });
      } catch (error) {
        admissions.leave(admitted);
        throw error;
      }
    } catch (error) {
      refuse({ close: "internal", detail: error instanceof Error ? error.message : String(error) });
    }
  }

  /** If it rejects, there is no link. */
  async #open(socket: WebSocket, { admissions, admitted, about, dial, echoes }: Opened): Promise<void> {
    const node = admissions.settings.targets.get(admitted.id)?.node ?? "";
    const stage = admissions.stage(admitted, this.#config.nodes.get(node)?.tls === true ? 4 : 2, Date.now());
    if (stage === undefined) throw new CallError("internal", `there is no stage for ${admitted.id}`);
    await this.ctx.storage.setAlarm(Date.now() + KEEP_ALIVE_MS);
    const link = new EdgeLink(socket, stage, {
      endsAt: admitted.endsAt,
      echoes,
      untaken: this.#untaken,
      ended: (ending) => {
        this.#links.delete(link);
        admissions.leave(admitted);
        log("bridge", { ...about, subject: admitted.grant.subject, node, ...ending });
      },
    });
    this.#links.add(link);
    void link.open((signal) => dial(node, { signal }));
  }

  async #admissionsFor({ hostname, origin }: URL): Promise<Admissions> {
    const settings = this.#config;
    const bridge = readBridge(this.env, settings);
    if (bridge === undefined) throw new CallError("bad_settings", "the variable BRIDGE has no targets");
    const key = await bridgeKey(this.env);
    const rules: AdmissionSettings = {
      level: bridge.level,
      custody: "translate",
      targets: { get: (id) => targetOf(bridge, settings, id) },
      // In development, pages of this machine; else those that are named, or the Worker's own.
      origins: bridge.origins ?? (isLoopback(hostname) ? undefined : new Set([origin])),
      // Which names lead here is said where the Worker is deployed, and a token is needed in any case.
      hostNames: new Set([hostname]),
      verify: jwtTokens({ algorithm: "HS256", key, audience: settings.nodeName }),
      key,
      revoked: { subjects: new Set(), ids: new Set() },
      limits: LIMITS,
    };
    return new Admissions(rules, { spent: this.#tokens });
  }
}

/** What was found out about a page that is let in. */
interface Opened {
  readonly admissions: Admissions;
  readonly admitted: Admitted;
  /** For the log. */
  readonly about: Readonly<Record<string, string | undefined>>;
  readonly dial: Connector;
  readonly echoes: boolean;
}

function offers(request: Request, protocol: string): boolean {
  const offered = request.headers.get("sec-websocket-protocol") ?? "";
  return offered.split(",").some((entry) => entry.trim() === protocol);
}

function targetOf(
  { targets, names }: BridgeSettings,
  { cookie }: Settings,
  id: string,
): { node: string; cookie: string; names: BridgeSettings["names"] } | undefined {
  const node = targets.get(id);
  return node === undefined ? undefined : { node, cookie, names };
}
