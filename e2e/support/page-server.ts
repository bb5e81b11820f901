// A page for a test: built by Vite without a file, and served from loopback, since a browser lets no other page reach a bridge there.
import { once } from "node:events";
import { createServer } from "node:http";
import { extname } from "node:path";
import { build, type InlineConfig, type Rolldown } from "vite";

export interface PageServer extends AsyncDisposable {
  readonly url: string;
}

/** What a build gives, by path: `/index.html`, `/assets/…`. */
export async function buildPage(config: InlineConfig): Promise<Map<string, string | Uint8Array>> {
  const result = await build({ logLevel: "warn", ...config, build: { ...config.build, write: false, modulePreload: false } });
  // Without `watch` and with one configuration there is one output.
  const { output } = (Array.isArray(result) ? result[0] : result) as Rolldown.RolldownOutput;
  return new Map(output.map((file) => [`/${file.fileName}`, file.type === "chunk" ? file.code : file.source]));
}

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

export async function servePage(files: ReadonlyMap<string, string | Uint8Array>): Promise<PageServer> {
  const server = createServer(({ url = "/" }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    const path = pathname === "/" ? "/index.html" : pathname;
    const body = files.get(path);
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    response.writeHead(body === undefined ? 404 : 200, { "content-type": type }).end(body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}
