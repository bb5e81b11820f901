// A bridge in a process of its own, for tests that measure it, starve it or stop it. The configuration is the first argument; the
// address is the first line of standard output, and each record a further one. A line "busy N" on standard input keeps the process
// from everything else for N milliseconds.
import { createInterface } from "node:readline";
import { type BridgeConfig, createBridge } from "../../src/index.ts";

const print = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const config = JSON.parse(process.argv[2] ?? "{}") as BridgeConfig;
const bridge = createBridge({ dev: true, portNo: 0, ...config, log: print });
print(await bridge.listen());
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [, busyMs] = /^busy (\d+)$/.exec(line) ?? [];
    if (busyMs !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(busyMs));
  })
  .on("close", () => void bridge.close());
