// The light node in Chromium, through the bridge, with a real Erlang node: it connects and sends with what is loaded first, and
// loads the rest with the first message.
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { build, type Rolldown } from "vite";
import { releases, startErl } from "../test/support/otp.ts";
import { startBridge } from "./support/bridge.ts";

/** Answers when it is told to, so that the page is seen before anything has come to it. */
const ECHO = `register(echo, spawn(fun() ->
  receive {P, M} -> receive {heard, Who} -> Who ! M end, receive answer -> P ! {echo, M} end end end))`;

for (const release of releases()) {
  test(`connects and sends with one file, and receives with the next, with OTP ${release.otp}`, async ({ page }) => {
    await using stack = new AsyncDisposableStack();
    const erl = stack.use(await startErl({ release }));
    await erl.eval(ECHO);
    const bridge = await startBridge(["--port=0", `--dev=${erl.name}:${erl.portNo}`]);
    stack.defer(() => bridge.stop());
    const server = await serve(await bundle());
    stack.defer(() => server.close());
    await page.goto(server.url);
    await page.waitForFunction(() => "receive" in window);

    const target = [bridge.url, erl.name, erl.cookie] as const;
    const name = await page.evaluate(([url, peer, cookie]) => window.connectAndSend(url, peer, cookie), target);
    expect(await erl.eval("nodes(hidden)")).toBe(`['${name}']`);
    expect(await erl.eval("echo ! {heard, self()}, receive M -> M end")).toBe('<<"hello">>');
    expect(server.scripts).toEqual(["page.js"]);

    const received = page.evaluate(() => window.receive());
    await erl.eval("echo ! answer");
    expect(await received).toBe("hello");
    expect(server.scripts).toEqual(["page.js", expect.stringMatching(/^light-process.*\.js$/)]);
    expect(await erl.eval(`net_adm:ping('${name}')`)).toBe("pong");
  });
}

/** The files of the page, minified as `npm run size` weighs them. */
async function bundle(): Promise<ReadonlyMap<string, string>> {
  const result = await build({
    configFile: false,
    logLevel: "warn",
    resolve: { conditions: ["@erl-dist/source", "browser", "import", "default"] },
    build: {
      write: false,
      lib: { entry: join(import.meta.dirname, "support/light-page.ts"), formats: ["es"], fileName: "page" },
      rolldownOptions: { output: { minify: true }, preserveEntrySignatures: "allow-extension" },
    },
  });
  const { output } = (Array.isArray(result) ? result[0] : result) as Rolldown.RolldownOutput;
  const chunks = output.filter((part) => part.type === "chunk");
  return new Map(chunks.map(({ fileName, isEntry, code }) => [isEntry ? "page.js" : fileName, code]));
}

interface Server {
  readonly url: string;
  /** The scripts that were asked for, in this order. */
  readonly scripts: readonly string[];
  close(): Promise<void>;
}

/** A page with these files, from loopback: a browser lets no other reach the bridge there. */
async function serve(files: ReadonlyMap<string, string>): Promise<Server> {
  const page = `<!doctype html><title>light</title><link rel="icon" href="data:," /><script type="module" src="/page.js"></script>`;
  const scripts: string[] = [];
  const server = createServer(({ url }, response) => {
    const name = (url ?? "").slice(1);
    const script = files.get(name);
    if (script !== undefined) scripts.push(name);
    response.setHeader("content-type", script === undefined ? "text/html" : "text/javascript").end(script ?? page);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    scripts,
    async close() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}
