// What a bridge is told, with its defaults, checked once at the start: a wrong field is named, and nothing is guessed.
import { addressFilter } from "./addresses.ts";
import { type BridgeLimits, DEFAULT_BRIDGE_LIMITS } from "./limits.ts";
import type { LinkRecord } from "./link-record.ts";
import { type Dial, isPattern, type StageFactory, type Target } from "./target.ts";

export interface BridgeConfig {
  /** By the id that a page puts behind `/dist/`. */
  readonly targets: Readonly<Record<string, Target>>;
  /** Loopback address that `listen` binds, by default 127.0.0.1. */
  readonly host?: string | undefined;
  /** For `listen`, by default 4370; 0 takes any free port. */
  readonly portNo?: number | undefined;
  /** Origins of pages that may connect, as `"http://localhost:5173"`. By default those on this machine, at any port. */
  readonly origins?: readonly string[] | undefined;
  /** Names, besides those of loopback, under which pages reach the bridge: what the Host header may say, without port. */
  readonly hostNames?: readonly string[] | undefined;
  /** By default the environment's ERL_EPMD_PORT, else 4369, as with OTP. */
  readonly epmdPortNo?: number | undefined;
  readonly limits?: Partial<BridgeLimits> | undefined;
  /** Gets one record for each WebSocket when it has ended. */
  readonly log?: ((record: LinkRecord) => void) | undefined;
  /** How a target is reached, in place of EPMD and TCP. */
  readonly dial?: Dial | undefined;
  /** What looks at the bytes of each link on their way, if anything. */
  readonly stage?: StageFactory | undefined;
}

export const DEFAULT_PORT_NO = 4370;

/** Limits for which 0 means that there is none. */
const OPTIONAL_LIMITS: ReadonlySet<string> = new Set(["idleTimeMs", "sessionTimeMs"] satisfies (keyof BridgeLimits)[]);

export interface Settings {
  readonly targets: ReadonlyMap<string, Target>;
  readonly host: string;
  readonly portNo: number;
  readonly origins: ReadonlySet<string> | undefined;
  readonly hostNames: ReadonlySet<string>;
  readonly epmdPortNo: number;
  readonly limits: BridgeLimits;
  readonly log: (record: LinkRecord) => void;
}

/** Throws a TypeError or RangeError that names the field. */
export function settingsOf(config: BridgeConfig): Settings {
  const targets = new Map(Object.entries(config.targets));
  if (targets.size === 0) throw new TypeError("targets: there is none, so nobody could connect");
  for (const [id, target] of targets) checkTarget(id, target);
  const host = (config.host ?? "127.0.0.1").replace(/^\[(.*)\]$/, "$1");
  if (!isLoopback(host)) {
    throw new RangeError(`host: "${host}" is not a loopback address, and this version serves its own machine only`);
  }
  const limits = { ...DEFAULT_BRIDGE_LIMITS, ...config.limits };
  for (const [name, value] of Object.entries(limits)) {
    const isInteger = Number.isSafeInteger(value) && value >= 0;
    if (!isInteger || (value === 0 && !OPTIONAL_LIMITS.has(name))) {
      throw new RangeError(`limits.${name}: ${value} is not a positive integer`);
    }
  }
  return {
    targets,
    host,
    portNo: checkPortNo("portNo", config.portNo ?? DEFAULT_PORT_NO, 0),
    origins: config.origins && new Set(config.origins.map(checkOrigin)),
    hostNames: new Set(config.hostNames?.map((name) => name.toLowerCase())),
    epmdPortNo: checkPortNo("epmdPortNo", config.epmdPortNo ?? Number(process.env["ERL_EPMD_PORT"] ?? 4369)),
    limits,
    log: config.log ?? (() => undefined),
  };
}

/** Whether a host, as a URL or a command line writes it, can only mean this machine. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|[^.]+\.localhost|127(?:\.\d{1,3}){3}|::1|\[::1\]|::ffff:127(?:\.\d{1,3}){3})$/i.test(host);
}

export function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function checkTarget(id: string, target: Target): void {
  const { node, portNo, epmdPortNo } = target;
  const field = `targets["${id}"]`;
  if (id === "" || id.length > 255) throw new RangeError(`${field}: an id has 1 to 255 characters`);
  if (!/^[^@\s]+@[^@\s]+$/.test(node)) {
    throw new TypeError(`${field}.node: "${node}" is not a full node name, as "app@127.0.0.1" is`);
  }
  addressFilter(target, isPattern(target), field);
  if (portNo !== undefined) checkPortNo(`${field}.portNo`, portNo);
  if (epmdPortNo !== undefined) checkPortNo(`${field}.epmdPortNo`, epmdPortNo);
}

function checkPortNo(field: string, portNo: number, least = 1): number {
  if (Number.isInteger(portNo) && portNo >= least && portNo <= 65_535) return portNo;
  throw new RangeError(`${field}: ${portNo} is not a port from ${least} to 65535`);
}

function checkOrigin(origin: string): string {
  const url = parseUrl(origin);
  // An origin has no path; and "null" would be every page without one, hostile ones included.
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.origin === origin.toLowerCase()) return url.origin;
  throw new TypeError(`origins: "${origin}" is not a page's origin, as "http://localhost:5173" is`);
}
