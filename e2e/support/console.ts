// What the console's tests share: a real node, the bridge, the built console on a page of its own, as a stranger would embed it.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import type { Page, TestInfo } from "@playwright/test";
import { expect } from "@playwright/test";
import { AxeBuilder } from "@axe-core/playwright";
import { build, type Rolldown } from "vite";
import type { ErlConsole } from "../../packages/web-demo/src/index.ts";
import { type ErlNode, startErl } from "../../test/support/otp.ts";
import { type BridgeCommand, startBridge } from "./bridge.ts";
import { foreignColours } from "./forced-colours.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Everything that a test of the console needs; ended with `await using`, or by `stop`. */
export interface ConsoleBench {
  readonly url: string;
  erl: ErlNode;
  bridge: BridgeCommand;
  /** Starts the bridge again after it was stopped, where it was. */
  restartBridge(): Promise<void>;
  stop(): Promise<void>;
}

export interface BenchOptions {
  readonly erl?: Parameters<typeof startErl>[0];
  /** The arguments of the bridge; those of development for the node, when absent. */
  readonly bridgeArgs?: (erl: ErlNode, origin: string) => readonly string[];
}

export async function startBench({ erl: options, bridgeArgs = forDevelopment }: BenchOptions = {}): Promise<ConsoleBench> {
  await using stack = new AsyncDisposableStack();
  const erl = stack.use(await startErl(options));
  const files = await bundle();
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname.slice(1);
    const file = files.get(path);
    const isPage = path === "";
    const { policy = "" } = parametersOf(request.url);
    if (!omitted(request.url).includes("csp")) response.setHeader("content-security-policy", `${CSP}; ${policy}`);
    // As a CDN does, whose files pages of all origins load.
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("content-type", file === undefined ? "text/html" : "text/javascript");
    response.statusCode = file === undefined && !isPage ? 404 : 200;
    response.end(isPage ? pageFor(request.url ?? "/", bench.erl, bench.bridge) : (file ?? "not found"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.defer(() => close(server));
  const { port } = server.address() as { port: number };
  const args = bridgeArgs(erl, `http://127.0.0.1:${port}`);
  const bridge = await startBridge(["--port=0", ...args]);
  stack.defer(() => bench.bridge.stop());
  const owned = stack.move();
  const bench: ConsoleBench = {
    url: `http://127.0.0.1:${port}/`,
    erl,
    bridge,
    async restartBridge() {
      bench.bridge = await startBridge([`--port=${new URL(bridge.url).port}`, ...args]);
    },
    stop: () => owned.disposeAsync(),
  };
  return bench;
}

function forDevelopment(erl: ErlNode): string[] {
  return [`--dev=${erl.name}:${erl.portNo}`];
}

/** No script or style but our own files and what has the nonce; the page of the console's tests holds it in all of them. */
export const NONCE = "bm9uY2U";
const CSP = `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${NONCE}'; connect-src 'self' ws://127.0.0.1:*; img-src data:`;

function parametersOf(url: string = "/"): Record<string, string> {
  return Object.fromEntries(new URL(url, "http://localhost").searchParams);
}

/** What `without` names: attributes that the console shall not have, and `csp` for a page without a policy. */
function omitted(url: string | undefined): string[] {
  return parametersOf(url)["without"]?.split(" ") ?? [];
}

/** What follows `?` in the address becomes attributes of the console, but for `policy`, which becomes more of that. */
function pageFor(url: string, erl: ErlNode, bridge: BridgeCommand): string {
  const { without: _without, policy: _policy, ...attributes } = parametersOf(url);
  const all = {
    bridge: bridge.url,
    node: erl.name,
    cookie: erl.cookie,
    "csp-nonce": NONCE,
    autoconnect: "",
    ...attributes,
  };
  const wanted = Object.entries(all).filter(([name]) => !omitted(url).includes(name));
  const text = wanted.map(([name, value]) => `${name}="${value.replaceAll('"', "&quot;").replaceAll("<", "&lt;")}"`);
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8"><link rel="icon" href="data:,"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>Console</title>
  <script type="module" src="/erl-console.js"></script>
  <main><h1>A page</h1><erl-console ${text.join(" ")}></erl-console></main>
</html>`;
}

let bundled: Promise<ReadonlyMap<string, string>> | undefined;

/** The files of the CDN build, built once for all tests of a run. */
function bundle(): Promise<ReadonlyMap<string, string>> {
  bundled ??= buildConsole();
  return bundled;
}

async function buildConsole(): Promise<ReadonlyMap<string, string>> {
  const result = await build({
    configFile: join(ROOT, "packages/web-demo/vite.cdn.config.ts"),
    logLevel: "warn",
    build: { write: false },
  });
  const { output } = (Array.isArray(result) ? result[0] : result) as Rolldown.RolldownOutput;
  return new Map(output.flatMap((part) => (part.type === "chunk" ? [[part.fileName, part.code] as const] : [])));
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
}

/** Opens the page with these attributes, and waits until the console is connected. */
export async function openConsole(
  page: Page,
  bench: ConsoleBench,
  attributes: Readonly<Record<string, string>> = {},
): Promise<void> {
  await page.goto(`${bench.url}?${new URLSearchParams(attributes).toString()}`);
  await expect(page.getByRole("status").filter({ hasText: `Connected to ${bench.erl.name} as ` })).toBeAttached();
}

/** The name of the page's node. */
export async function ownName(page: Page): Promise<string> {
  return page.evaluate(() => document.querySelector<ErlConsole>("erl-console")?.connection.remote?.local.name ?? "");
}

/** How a page can look: both themes, and colours that the person has chosen for all pages. */
export const LOOKS = {
  light: { colorScheme: "light", forcedColors: "none" },
  dark: { colorScheme: "dark", forcedColors: "none" },
  "forced colours": { colorScheme: "dark", forcedColors: "active" },
} as const;
export const LOOK_NAMES: readonly (keyof typeof LOOKS)[] = ["light", "dark", "forced colours"];

/** Takes a picture for the artefacts of the test and lets axe look at the page: it must find nothing, and no foreign colour be forced on. */
export async function inspect(page: Page, info: TestInfo, name: string): Promise<void> {
  const path = info.outputPath(`${name.replaceAll(" ", "-")}.png`);
  await info.attach(name, { body: await page.screenshot({ path }), contentType: "image/png" });
  const axe = new AxeBuilder({ page });
  if (await page.evaluate(() => matchMedia("(forced-colors: active)").matches)) {
    axe.disableRules("color-contrast");
    expect(await foreignColours(page)).toEqual([]);
  }
  expect((await axe.analyze()).violations).toEqual([]);
}

/** What went wrong in the page: exceptions, errors and warnings of the console, and violations of its policy. */
export function watchPage(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
  });
  return errors;
}
