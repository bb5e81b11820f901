// The Worker in workerd, as wrangler builds it, for tests of any runner: with the settings that a test needs.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SignJWT } from "jose";

const PACKAGE = join(import.meta.dirname, "../..");
// Before wrangler is loaded, which reads some of it at once.
process.loadEnvFile(join(PACKAGE, "wrangler.env"));
// No variables from whatever environment the tests run in.
process.env["CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV"] = "false";
const { createTestHarness } = await import("wrangler");

export const COOKIE = "a-cookie-that-no-answer-may-hold";
export const CALLER_KEY = "a-key-for-callers-of-more-than-32-characters";
/** An address that Erlang nodes on this machine can dial. */
export const NODE_NAME = "worker@127.0.0.1";

export interface WorkerOptions {
  readonly nodes: string | Readonly<Record<string, object>>;
  readonly allow?: object;
  readonly cookie?: string;
  readonly vars?: Readonly<Record<string, string>>;
  /** Where nodes connect to it. */
  readonly listenPortNo?: number;
  /** Started beside it: `client` and `door`, which are bound to it, and `tunnel`, which it is bound to as TUNNEL. */
  readonly others?: readonly ("client" | "door" | "tunnel")[];
  /** Where nodes connect to `door`. */
  readonly doorPortNo?: number;
  /** Other Workers that have nothing to do with it. */
  readonly beside?: NonNullable<Parameters<typeof createTestHarness>[0]>["workers"];
}

/** A Worker that has started. */
export interface Harness {
  readonly harness: ReturnType<typeof createTestHarness>;
  readonly url: URL;
  /** As a deployment: another entry point, below the package, with the same storage. */
  readonly replaceCode: (main: string) => Promise<void>;
}

export async function startHarness({
  nodes,
  allow = {},
  cookie = COOKIE,
  vars = {},
  listenPortNo,
  others = [],
  doorPortNo,
  beside = [],
}: WorkerOptions): Promise<Harness> {
  const config = wranglerConfig();
  const optionsWith = (main: string): NonNullable<Parameters<typeof createTestHarness>[0]> => ({
    root: PACKAGE,
    workers: [
      {
        config: {
          ...config,
          main,
          connect: listenPortNo === undefined ? [] : [{ protocol: "tcp", port: listenPortNo }],
          vars: { ...config.vars, NODE_NAME, NODES: nodes, ALLOW: allow, ERLANG_COOKIE: cookie, CALLER_KEY, ...vars },
          // Variables here, so that a test can leave them out.
          secrets: { required: [] },
          services: others.includes("tunnel") ? [{ binding: "TUNNEL", service: "tunnel" }] : [],
        },
      },
      ...others.map((name) => ({
        config: {
          name,
          main: `test/${name}/index.ts`,
          compatibility_date: config.compatibility_date,
          connect: name === "door" && doorPortNo !== undefined ? [{ protocol: "tcp" as const, port: doorPortNo }] : [],
          services: [
            { binding: "ERLANG", service: config.name, entrypoint: "Erlang" },
            { binding: "WORKER", service: config.name },
          ],
        },
      })),
      ...beside,
    ],
  });
  const harness = createTestHarness(optionsWith("test/worker/index.ts"));
  const { url } = await harness.listen();
  return { harness, url, replaceCode: (to) => harness.update(optionsWith(to)) };
}

export function newToken({ key = CALLER_KEY, audience = NODE_NAME, expires = "1h" } = {}): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setSubject("the test")
    .setAudience(audience)
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(key));
}

interface WranglerConfig {
  readonly name: string;
  readonly compatibility_date: string;
  readonly vars: Readonly<Record<string, string>>;
}

/** wrangler.jsonc, whose comments have lines of their own. */
export function wranglerConfig(): WranglerConfig {
  const text = readFileSync(join(PACKAGE, "wrangler.jsonc"), "utf8").replace(/^\s*\/\/.*$/gm, "");
  return JSON.parse(text) as WranglerConfig;
}
