// What a bridge is told, with its defaults, checked once at the start: a wrong field is named, nothing is guessed, and what would be
// unsafe has to be said.
import type { BlockList } from "node:net";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { addressFilter } from "./addresses.ts";
import { configProblem, fieldOf } from "./config-schema.ts";
import { type BridgeLimits, DEFAULT_BRIDGE_LIMITS } from "./limits.ts";
import type { LinkRecord } from "./link-record.ts";
import {
  type AdmissionLimits,
  type AdmissionSettings,
  checkKey,
  checkNameRule,
  DEFAULT_ADMISSION_LIMITS,
  httpCallback,
  isLoopback,
  jwtTokens,
  type Level,
  type NameRule,
  proxyHeader,
  type StaticToken,
  staticTokens,
  type TokenMemory,
  type Verify,
} from "./policy/index.ts";
import { proxyList } from "./real-ip.ts";
import { type Dial, findTarget, isPattern, type StageFactory, type Target } from "./target.ts";

export interface BridgeConfig {
  /** For development on one machine: what is unsafe elsewhere is allowed, and nothing but loopback can be bound. */
  readonly dev?: boolean | undefined;
  /** How much of the protocol the bridge takes into its own hands; by default `custody`, with `dev` `blind`. */
  readonly level?: Level | undefined;
  /** Whether, under `custody`, each side answers the other's challenge, or one of the bridge's; by default `translate`. */
  readonly custody?: "translate" | "terminate" | undefined;
  /** By the id that a page puts behind `/dist/`. */
  readonly targets: Readonly<Record<string, Target>>;
  /** Of all targets that have none of their own. */
  readonly cookie?: string | undefined;
  /** 32 bytes or more: session secrets are made from it, and a JWT is signed with it unless `auth` has a key of its own. */
  readonly key?: string | undefined;
  /** Who may connect; with `dev` by default anybody, and under `custody` whoever has a JWT. */
  readonly auth?: AuthConfig | undefined;
  /** The same as a function, in place of `auth`. */
  readonly verify?: Verify | undefined;
  /** Where tokens are remembered that are good for one link and were used; by default in this process. */
  readonly spent?: TokenMemory | undefined;
  /** Who may not any more: subjects, and ids of tokens. Their links end. */
  readonly revoked?:
    | { readonly subjects?: readonly string[] | undefined; readonly ids?: readonly string[] | undefined }
    | undefined;
  /** Address that `listen` binds, by default 127.0.0.1. Any other than loopback asks for `tls` or `trustProxy`. */
  readonly host?: string | undefined;
  /** For `listen`, by default 4370; 0 takes any free port. */
  readonly portNo?: number | undefined;
  /** Origins of pages that may connect, as `"https://shop.example.com"`. With `dev` by default those on this machine, at any port. */
  readonly origins?: readonly string[] | undefined;
  /** Names, besides those of loopback, under which pages reach the bridge: what the Host header may say, without port. */
  readonly hostNames?: readonly string[] | undefined;
  /** Addresses and ranges of the proxies whose X-Forwarded-For is believed. */
  readonly trustProxy?: readonly string[] | undefined;
  /** Certificate and key in PEM: `listen` speaks TLS, and pages use wss:. */
  readonly tls?: ListenTls | undefined;
  /** Where /metrics, /healthz and /readyz are served; without it nowhere. */
  readonly monitor?: MonitorConfig | undefined;
  /** By default the environment's ERL_EPMD_PORT, else 4369, as with OTP. */
  readonly epmdPortNo?: number | undefined;
  readonly limits?: Partial<BridgeLimits & AdmissionLimits> | undefined;
  /** Gets one record for each WebSocket when it has ended. */
  readonly log?: ((record: LinkRecord) => void) | undefined;
  /** How a target is reached, in place of EPMD and TCP. */
  readonly dial?: Dial | undefined;
  /** What looks at the bytes of each link on their way, in place of what the level says. */
  readonly stage?: StageFactory | undefined;
}

/** A built-in verifier, and what it has to know. */
export type AuthConfig =
  | {
      readonly type: "jwt";
      readonly algorithm?: "HS256" | "EdDSA" | undefined;
      readonly key?: string | undefined;
      readonly issuer?: string | undefined;
      readonly audience?: string | undefined;
      readonly longestSeconds?: number | undefined;
    }
  | { readonly type: "static"; readonly tokens: readonly StaticToken[] }
  | { readonly type: "http"; readonly url: string; readonly authorization?: string | undefined }
  | { readonly type: "proxy"; readonly header: string; readonly targets?: readonly string[] | undefined };

export interface ListenTls {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly minVersion?: "TLSv1.2" | "TLSv1.3" | undefined;
  readonly ciphers?: string | undefined;
}

export interface MonitorConfig {
  /** By default 127.0.0.1. */
  readonly host?: string | undefined;
  /** By default 9370. */
  readonly portNo?: number | undefined;
  /** Names, besides those of loopback and addresses, under which it is asked. */
  readonly hostNames?: readonly string[] | undefined;
}

export const DEFAULT_PORT_NO = 4370;
export const DEFAULT_MONITOR_PORT_NO = 9370;

export interface Settings {
  readonly targets: ReadonlyMap<string, Target>;
  readonly host: string;
  readonly portNo: number;
  readonly tls: ListenTls | undefined;
  readonly proxies: BlockList;
  readonly monitor: { readonly host: string; readonly portNo: number; readonly hostNames: ReadonlySet<string> } | undefined;
  readonly epmdPortNo: number;
  readonly limits: BridgeLimits & AdmissionLimits;
  readonly log: (record: LinkRecord) => void;
  readonly admission: AdmissionSettings;
}

/** On one machine everybody has one address, and nobody wants to be counted. */
const DEV_LIMITS: Partial<AdmissionLimits> = { links: 1e6, linksPerIp: 1e6, linksPerSubject: 1e6, openingsPerMinute: 1e9 };

/** Throws a TypeError or RangeError that names the field. */
export function settingsOf(config: BridgeConfig): Settings {
  const problem = configProblem(config);
  if (problem !== undefined) throw new TypeError(problem);
  const { dev = false, limits, trustProxy = [], monitor, log = () => undefined } = config;
  const targets = new Map(Object.entries(config.targets));
  if (targets.size === 0) throw new TypeError("targets: there is none, so nobody could connect");
  for (const [id, target] of targets) checkTarget(fieldOf(["targets", id]), target);
  const host = withoutBrackets(config.host ?? "127.0.0.1");
  const all = { ...DEFAULT_ADMISSION_LIMITS, ...DEFAULT_BRIDGE_LIMITS, ...(dev ? DEV_LIMITS : {}), ...limits };
  const level = config.level ?? (dev ? "blind" : "custody");
  checkSafety(config, level, host);
  // What a page's secret is made from is in its token, so that custody cannot do without.
  const auth = config.auth ?? (dev && level === "custody" ? { type: "jwt" } : undefined);
  checkTls("tls", config.tls);
  return {
    targets,
    host,
    portNo: config.portNo ?? DEFAULT_PORT_NO,
    tls: config.tls,
    proxies: proxyList(trustProxy),
    monitor: monitor && {
      host: withoutBrackets(monitor.host ?? "127.0.0.1"),
      portNo: monitor.portNo ?? DEFAULT_MONITOR_PORT_NO,
      hostNames: nameSet(monitor.hostNames),
    },
    epmdPortNo: epmdPortNoOf(config),
    limits: all,
    log,
    admission: {
      level,
      custody: config.custody ?? "translate",
      targets: {
        get(id) {
          const target = findTarget(targets, id);
          return target && { ...target, cookie: target.cookie ?? config.cookie };
        },
      },
      verify: config.verify ?? (auth && verifierOf(auth, config.key)),
      key: config.key,
      revoked: { subjects: new Set(config.revoked?.subjects), ids: new Set(config.revoked?.ids) },
      origins: config.origins && new Set(config.origins.map((origin) => origin.toLowerCase())),
      hostNames: nameSet(config.hostNames),
      // A link has a clock of its own for that, which stands still while the process does.
      limits: { ...all, sessionTimeMs: 0 },
    },
  };
}

/** What is not to be had by leaving something out. */
function checkSafety(config: BridgeConfig, level: Level, host: string): void {
  const { dev = false, targets, origins, auth, verify, hostNames = [], trustProxy = [], tls, key } = config;
  if (!isLoopback(host)) {
    if (dev) throw new RangeError(`host: ${JSON.stringify(host)} is not a loopback address, and dev is for this machine only`);
    if (tls === undefined && trustProxy.length === 0) {
      throw new RangeError(
        `host: ${JSON.stringify(host)} is not a loopback address, so it needs tls, or trustProxy with the proxy that has it`,
      );
    }
    if (hostNames.length === 0) throw new TypeError("hostNames: is missing: the names by which pages reach the bridge");
  }
  if (level === "blind" && !dev) throw new TypeError('level: "blind" lets strangers reach the node, so it is for dev only');
  if (!dev && (origins === undefined || origins.length === 0)) {
    throw new TypeError('origins: is missing: whose pages may connect, as ["https://shop.example.com"]');
  }
  if (auth !== undefined && verify !== undefined)
    throw new TypeError("verify: there is auth as well; one of them says who may connect");
  if (!dev && auth === undefined && verify === undefined) {
    throw new TypeError('auth: is missing: who may connect, as { "type": "jwt" } for tokens that are signed with the key');
  }
  if (auth?.type === "proxy" && trustProxy.length === 0) {
    throw new TypeError("trustProxy: is missing: the proxy whose header says who asks");
  }
  if (level !== "custody") return;
  if (key === undefined) throw new TypeError("key: is missing: the secrets of sessions are made from it (openssl rand -hex 32)");
  checkKey(key, "key");
  for (const [id, { cookie }] of Object.entries(targets)) {
    if (cookie === undefined && config.cookie === undefined) {
      throw new TypeError(
        `${fieldOf(["targets", id, "cookie"])}: is missing, and there is no cookie for all targets; level custody keeps it here`,
      );
    }
  }
}

function checkTarget(field: string, target: Target): void {
  addressFilter(target, isPattern(target), field);
  checkTls(`${field}.tls`, target.tls);
  checkNames(`${field}.names`, target.names);
}

/** Certificate and key have to fit, before somebody comes. */
function checkTls(field: string, tls: SecureContextOptions | undefined): void {
  try {
    if (tls !== undefined) createSecureContext(tls);
  } catch (error) {
    throw new TypeError(`${field}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function checkNames(field: string, rule: NameRule | undefined): void {
  try {
    if (rule !== undefined) checkNameRule(rule);
  } catch (error) {
    throw new RangeError(`${field}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function verifierOf(auth: AuthConfig, bridgeKey: string | undefined): Verify {
  switch (auth.type) {
    case "jwt": {
      const { algorithm = "HS256", key = algorithm === "HS256" ? bridgeKey : undefined, ...rest } = auth;
      if (key === undefined) throw new TypeError("auth.key: is missing: what tokens are signed with");
      if (algorithm === "HS256") checkKey(key, auth.key === undefined ? "key" : "auth.key");
      return jwtTokens({ ...rest, algorithm, key });
    }
    case "static":
      if (auth.tokens.length === 0) throw new TypeError("auth.tokens: there is none, so nobody could connect");
      auth.tokens.forEach(({ name }, index) => {
        checkNames(`auth.tokens[${index}].name`, name);
      });
      return staticTokens(auth.tokens);
    case "http":
      return httpCallback(auth);
    case "proxy":
      return proxyHeader(auth);
    default:
      return auth satisfies never;
  }
}

function epmdPortNoOf({ epmdPortNo }: BridgeConfig): number {
  const portNo = epmdPortNo ?? Number(process.env["ERL_EPMD_PORT"] ?? 4369);
  if (Number.isInteger(portNo) && portNo >= 1 && portNo <= 65_535) return portNo;
  throw new RangeError(`ERL_EPMD_PORT: ${JSON.stringify(process.env["ERL_EPMD_PORT"])} is not a port from 1 to 65535`);
}

function nameSet(names: readonly string[] = []): ReadonlySet<string> {
  return new Set(names.map((name) => name.toLowerCase()));
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}
