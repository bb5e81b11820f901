// A page of somebody else, of another origin than the console's files, with HTML of its own.
import { once } from "node:events";
import { createServer } from "node:http";
import type { ConsoleBench } from "./console.ts";

export interface Stranger extends AsyncDisposable {
  readonly url: string;
}

/** Serves `body` in a page, and an empty page at each other address; `policy` is its Content-Security-Policy. */
export async function servePageWith(body: string, policy?: string): Promise<Stranger> {
  const server = createServer(({ url }, response) => {
    if (policy !== undefined) response.setHeader("content-security-policy", policy);
    response.setHeader("content-type", "text/html");
    response.end(
      `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>A page</title>${url === "/" ? body : ""}</html>`,
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}

/** The line that loads the console from where the bench serves it, and says that the page may be used. */
export function scriptOf(bench: ConsoleBench, attributes: string = ""): string {
  return `<script type="module" ${attributes} src="${bench.url}erl-console.js"></script>`;
}

/** The attributes that say how to connect. */
export function wayOf(bench: ConsoleBench): string {
  const { bridge, erl } = bench;
  return `bridge="${bridge.url}" node="${erl.name}" cookie="${erl.cookie}"`;
}
