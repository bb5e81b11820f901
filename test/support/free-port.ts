// TCP ports for programs that cannot choose one themselves and tell. Asking the system for any free port and closing it again gives one
// that somebody else may be given before it is used: here, a test file that runs at the same time. So ports are taken from where
// the system gives none by itself, and claimed until this process ends, by a name that all test processes of a machine share.
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type ListenOptions } from "node:net";

/** Below what Linux (32768) and others (49152) give to who asks for any port. */
const FIRST = 10_000;
const LAST = 32_000;

/** A TCP port on which nothing listens, and that nobody else is given while this process lives. */
export async function freePortNo(): Promise<number> {
  for (;;) {
    const portNo = randomInt(FIRST, LAST + 1);
    if ((await claim(portNo)) && (await isFree(portNo))) return portNo;
  }
}

async function claim(portNo: number): Promise<boolean> {
  // A name in Linux's abstract namespace of sockets goes with its process and leaves no file. Elsewhere chance has to do.
  if (process.platform !== "linux") return true;
  const claimed = await listen({ path: `\0erl-dist-test-port-${portNo}` });
  claimed?.unref();
  return claimed !== undefined;
}

async function isFree(portNo: number): Promise<boolean> {
  const server = await listen({ host: "127.0.0.1", port: portNo });
  if (server === undefined) return false;
  await once(server.close(), "close");
  return true;
}

async function listen(options: ListenOptions): Promise<ReturnType<typeof createServer> | undefined> {
  const server = createServer();
  try {
    await once(server.listen(options), "listening");
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return undefined;
    throw error;
  }
}
