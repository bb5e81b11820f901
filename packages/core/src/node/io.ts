// Input and output in Erlang's ways: a device of ours that others print on (`ioServer`), and devices that we print on (`io`).
import { IoServer, type IoServerOptions } from "./io-server.ts";
import type { Process } from "./process.ts";

export * as io from "./io-client.ts";
export { ioFormat, type IoFormatOptions } from "./io-format.ts";
export { EOF, type IoInputText, type IoReader } from "./io-input.ts";
export { IoServer, type IoServerOptions };

/** What can start a process for a service: an ErlangNode. */
export interface ProcessStarter {
  spawn(): Process;
}

/**
 * Starts a device. Its pid as group leader of a process makes that, and all it starts, print here:
 *
 *     const device = ioServer(node, { write: (text) => terminal.write(text), read: (prompt) => terminal.question(prompt) });
 *     const self = node.spawn();
 *     self.groupLeader = device.pid;
 *     await self.spawnRequest("app@host", "io", "format", ["hello from ~p~n", [atom("app")]]);
 *
 * Reading the end of a file ends a shell, and on OTP 25 the whole node that it runs on. So nothing but `EOF`, which the
 * program has to give itself, is ever told as that; when `read` gives undefined, readers are told `{error, terminated}`.
 */
export function ioServer(node: ProcessStarter, options: IoServerOptions = {}): IoServer {
  return new IoServer(node.spawn(), options);
}
