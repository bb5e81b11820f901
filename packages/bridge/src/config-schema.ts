// The configuration's one schema: what a program gives to `createBridge`, what a file says, and what the command line adds go through
// it alike. What it says about a wrong field is one line: where, what came, what was expected. A secret is never shown.
import * as v from "valibot";
import { parseUrl, type TokenMemory } from "./policy/index.ts";

/** Says what is wrong first, as `targets.app.portNo: 0 is not a port from 1 to 65535`; undefined if nothing is. */
export function configProblem(config: unknown): string | undefined {
  const { issues } = v.safeParse(CONFIG, config, { abortEarly: true, abortPipeEarly: true });
  const [issue] = issues ?? [];
  if (issue === undefined) return undefined;
  const keys = issue.path?.map(({ key }) => key) ?? [];
  const parent = issue.path?.at(-1)?.input;
  // A list has fields, too, as JavaScript sees it.
  if (Array.isArray(parent) && typeof keys.at(-1) === "string")
    return `${fieldOf(keys.slice(0, -1))}: ${shown(parent)} is no object`;
  const field = fieldOf(keys);
  const words = issue.input === undefined ? "is missing" : issue.message;
  return field === "" ? `the configuration ${words}` : `${field}: ${words}`;
}

/** `targets.app.names[0]`, with quotes where a key is no plain word. */
export function fieldOf(path: readonly unknown[]): string {
  return path
    .map((key) => {
      if (typeof key === "number") return `[${key}]`;
      return /^\w+$/.test(String(key)) ? `.${String(key)}` : `[${JSON.stringify(key)}]`;
    })
    .join("")
    .replace(/^\./, "");
}

/** Fields that hold secrets, whatever stands before them: shown to nobody, and never part of a message. */
export const SECRET_FIELDS: ReadonlySet<string> = new Set(["key", "cookie", "token", "authorization", "passphrase"]);

function is<Value>(test: (value: unknown) => boolean, what: string) {
  return v.custom<Value>(test, ({ input }) => `${shown(input)} is not ${what}`);
}

function record<Entries extends v.ObjectEntries>(entries: Entries) {
  return v.strictObject(entries, ({ expected, input }) => {
    if (expected === "Object") return `${shown(input)} is no object`;
    return expected === "never" ? `there is no such field; there are ${Object.keys(entries).join(", ")}` : "is missing";
  });
}

function list<Item extends v.GenericSchema>(item: Item) {
  return v.array(item, ({ input }) => `${shown(input)} is no list`);
}

/** For an object whose "type" is one of these. */
function typeWords(...types: readonly string[]) {
  const known = types.map((type) => JSON.stringify(type)).join(", ");
  return ({ expected, input }: { readonly expected: string | null; readonly input: unknown }): string =>
    expected === "Object" ? `${shown(input)} is no object with a "type": ${known}` : `${shown(input)} is not one of ${known}`;
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const text = is<string>(isText, "a text");
const secret = v.custom<string>(isText, "is not a text");
const flag = is<boolean>((value) => typeof value === "boolean", "true or false");
const positive = is<number>((value) => Number.isSafeInteger(value) && Number(value) > 0, "a positive integer");
const count = is<number>((value) => Number.isSafeInteger(value) && Number(value) >= 0, "a positive integer, or 0 for no limit");
const port = (least: number) =>
  is<number>(
    (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= 65_535,
    `a port from ${least} to 65535`,
  );
const oneOf = (...words: readonly string[]) => is<string>((value) => words.includes(String(value)), `one of ${words.join(", ")}`);
const run = v.custom<() => void>((value) => typeof value === "function", "is no function");
const memory = v.custom<TokenMemory>(
  (value) => typeof (value as Partial<TokenMemory> | null)?.spend === "function",
  "is no memory of tokens: it has no function spend",
);

// An origin has no path; and "null" would be every page without one, hostile ones included.
const origin = is<string>((value) => {
  const url = isText(value) ? parseUrl(value) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.origin === String(value).toLowerCase();
}, `a page's origin, as "http://localhost:5173" is`);
const node = is<string>((value) => isText(value) && /^[^@\s]+@[^@\s]+$/.test(value), 'a full node name, as "app@127.0.0.1" is');
const hostName = is<string>(
  (value) => isText(value) && !/[\s/:@]/.test(value),
  'a host name without port, as "bridge.example.com" is',
);
const httpUrl = is<string>(
  (value) => isText(value) && /^https?:$/.test(parseUrl(value)?.protocol ?? ""),
  "an http: or https: address",
);

const NAMES = v.variant(
  "type",
  [
    record({ type: v.literal("dynamic"), host: v.optional(hostName) }),
    record({ type: v.literal("pin"), name: node }),
    record({ type: v.literal("pool"), names: list(node) }),
  ],
  typeWords("dynamic", "pin", "pool"),
);

// In a program also what else Node.js takes; and it takes any text for an authority.
const pem = v.custom<unknown>(
  (value) => value !== undefined && (!isText(value) || value.includes("-----BEGIN ")),
  'is no PEM text; { "file": "NAME" } stands for what a file holds',
);

const TLS = {
  ca: v.optional(pem),
  cert: v.optional(pem),
  key: v.optional(pem),
  passphrase: v.optional(secret),
  minVersion: v.optional(oneOf("TLSv1.2", "TLSv1.3")),
  ciphers: v.optional(text),
};

const TARGET = record({
  node,
  host: v.optional(text),
  portNo: v.optional(port(1)),
  epmdPortNo: v.optional(port(1)),
  onlyAddresses: v.optional(list(text)),
  neverAddresses: v.optional(list(text)),
  tls: v.optional(
    record({ ...TLS, servername: v.optional(text), rejectUnauthorized: v.optional(flag), checkServerIdentity: v.optional(run) }),
  ),
  cookie: v.optional(secret),
  names: v.optional(NAMES),
  links: v.optional(positive),
});

const AUTH = v.variant(
  "type",
  [
    record({
      type: v.literal("jwt"),
      algorithm: v.optional(oneOf("HS256", "EdDSA")),
      key: v.optional(secret),
      issuer: v.optional(text),
      audience: v.optional(text),
      longestSeconds: v.optional(positive),
    }),
    record({
      type: v.literal("static"),
      tokens: list(record({ token: secret, subject: text, targets: v.optional(list(text)), name: v.optional(NAMES) })),
    }),
    record({ type: v.literal("http"), url: httpUrl, authorization: v.optional(secret) }),
    record({ type: v.literal("proxy"), header: text, targets: v.optional(list(text)) }),
  ],
  typeWords("jwt", "static", "http", "proxy"),
);

const LIMITS = record({
  dialTimeMs: v.optional(positive),
  handshakeTimeMs: v.optional(positive),
  handshakeBytes: v.optional(positive),
  packetBytes: v.optional(positive),
  messageBytes: v.optional(positive),
  bufferedBytes: v.optional(positive),
  pingTimeMs: v.optional(positive),
  pongTimeMs: v.optional(positive),
  stallTimeMs: v.optional(positive),
  nodeStallTimeMs: v.optional(positive),
  idleTimeMs: v.optional(count),
  sessionTimeMs: v.optional(count),
  closeTimeMs: v.optional(positive),
  lingerTimeMs: v.optional(positive),
  drainTimeMs: v.optional(positive),
  links: v.optional(positive),
  linksPerIp: v.optional(positive),
  linksPerSubject: v.optional(positive),
  openingsPerMinute: v.optional(positive),
  verifyTimeMs: v.optional(positive),
  recheckTimeMs: v.optional(positive),
});

const CONFIG = record({
  dev: v.optional(flag),
  level: v.optional(oneOf("blind", "gated", "custody")),
  custody: v.optional(oneOf("translate", "terminate")),
  targets: v.record(
    is<string>((id) => isText(id) && id.length <= 255, "a target's id: it has 1 to 255 characters"),
    TARGET,
    ({ input }) => `${shown(input)} is no object of targets by their ids`,
  ),
  cookie: v.optional(secret),
  key: v.optional(secret),
  auth: v.optional(AUTH),
  revoked: v.optional(record({ subjects: v.optional(list(text)), ids: v.optional(list(text)) })),
  host: v.optional(text),
  portNo: v.optional(port(0)),
  origins: v.optional(list(origin)),
  hostNames: v.optional(list(hostName)),
  trustProxy: v.optional(list(text)),
  tls: v.optional(record({ ...TLS, cert: pem, key: pem })),
  monitor: v.optional(record({ host: v.optional(text), portNo: v.optional(port(0)), hostNames: v.optional(list(hostName)) })),
  epmdPortNo: v.optional(port(1)),
  limits: v.optional(LIMITS),
  verify: v.optional(run),
  spent: v.optional(memory),
  log: v.optional(run),
  dial: v.optional(run),
  stage: v.optional(run),
});

function shown(input: unknown): string {
  const text = typeof input === "bigint" ? `${input}n` : (JSON.stringify(input) ?? String(input));
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
