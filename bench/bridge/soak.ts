// `npm run soak:bridge -- --links 200 --minutes 60`: links with ticks and traffic for a long time, some of which end and begin anew
// all the while. Memory, files and handles of the bridge must be flat in the end; what they were is printed, whatever comes of it.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { WebSocket } from "ws";

const { values: options } = parseArgs({
  options: {
    links: { type: "string", default: "200" },
    minutes: { type: "string", default: "60" },
    custody: { type: "boolean" },
  },
});
const LINKS = Number(options.links);
const MS = Number(options.minutes) * 60_000;
const SAMPLES = 30;
/** Between the things that one link does. */
const STEP_MS = 250;
const TICK = Buffer.alloc(4);

interface Sample {
  readonly rssMiB: number;
  /** Memory in use, after a collection: the rest of RSS is what V8 and the allocator keep. */
  readonly liveMiB: number;
  readonly files: number;
  readonly handles: number;
}

const echo = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => undefined);
  socket.pipe(socket);
});
await once(echo.listen(0, "127.0.0.1"), "listening");

const relay = join(import.meta.dirname, "relay.ts");
const sink = String((echo.address() as AddressInfo).port);
const kind = options.custody ? "custody" : "bridge";
const bridge = spawn(process.execPath, ["--expose-gc", "-C", "@erl-dist/source", relay, kind, sink], {
  stdio: ["pipe", "pipe", "inherit"],
});
process.once("exit", () => bridge.kill());
const lines = createInterface({ input: bridge.stdout })[Symbol.asyncIterator]();
const portNo = Number((await lines.next()).value);

const counts = { opened: 0, messages: 0, bytes: 0, wrong: 0, waiting: 0 };
const over = new AbortController();
const idle = await sample();
const running = Array.from({ length: LINKS }, (_, index) => keepALink(index));
const samples: Sample[] = [];
for (let count = 0; count < SAMPLES; count++) {
  await sleep(MS / SAMPLES);
  samples.push(await sample());
  const { rssMiB, liveMiB, files, handles } = samples.at(-1) ?? idle;
  console.log(
    `${(((count + 1) * MS) / SAMPLES / 1_000).toFixed(0).padStart(6)} s  RSS ${rssMiB.toFixed(1)} MiB  ${liveMiB.toFixed(1)} in use  ${files} files  ${handles} handles  ${counts.messages} messages, ${counts.opened} links opened`,
  );
}
over.abort();
// Who has not come to an end by then has not got back what it sent.
await Promise.race([Promise.all(running), sleep(30_000)]);
await sleep(2_000);
const end = await sample();
report();
process.exit();

/** A link that talks, ticks, ends after a while of its own, and begins anew. */
async function keepALink(index: number): Promise<void> {
  counts.waiting += 1;
  while (!over.signal.aborted) {
    const socket = new WebSocket(`ws://127.0.0.1:${portNo}/dist/bench`, "erldist.v1", { perMessageDeflate: false });
    const take = takerOf(socket);
    await once(socket, "open");
    counts.opened += 1;
    const rounds = 4 + Math.floor(Math.random() * 80);
    for (let round = 0; round < rounds && !over.signal.aborted; round++) {
      await (round % 4 === index % 4 ? exchange(socket, take, packet()) : exchange(socket, take, TICK));
      await sleep(STEP_MS * (0.5 + Math.random()));
    }
    // Some leave in good order, some do not.
    if (rounds % 3 === 0) socket.terminate();
    else socket.close(1000);
    if (socket.readyState !== WebSocket.CLOSED) await once(socket, "close");
  }
  counts.waiting -= 1;
}

/** A packet of any length from nothing to 64 KiB, small ones more often. */
function packet(): Buffer {
  const length = Math.floor(65_536 ** Math.random());
  const bytes = Buffer.concat([Buffer.alloc(4), Buffer.of(112), randomBytes(length)]);
  bytes.writeUInt32BE(length + 1);
  return bytes;
}

type Take = (bytes: number) => Promise<Buffer>;

/** Takes so many of the bytes that come on a socket. Several messages may come at once, so it listens all the time. */
function takerOf(socket: WebSocket): Take {
  const chunks: Buffer[] = [];
  let came: (() => void) | undefined;
  socket.on("message", (chunk: Buffer) => {
    chunks.push(chunk);
    came?.();
  });
  return async (bytes) => {
    const taken: Buffer[] = [];
    for (let length = 0; length < bytes; ) {
      const chunk = chunks.shift();
      if (chunk === undefined) {
        await new Promise<void>((resolve) => {
          came = resolve;
        });
      } else {
        taken.push(chunk);
        length += chunk.length;
      }
    }
    return Buffer.concat(taken);
  };
}

async function exchange(socket: WebSocket, take: Take, bytes: Buffer): Promise<void> {
  socket.send(bytes);
  const answer = await take(bytes.length);
  counts.messages += 1;
  counts.bytes += bytes.length;
  if (!answer.equals(bytes)) counts.wrong += 1;
}

async function sample(): Promise<Sample> {
  bridge.stdin.write("handles\n");
  const handles = Number((await lines.next()).value);
  bridge.stdin.write("memory\n");
  const liveMiB = Number((await lines.next()).value) / 1_024;
  const status = readFileSync(`/proc/${bridge.pid}/status`, "utf8");
  return {
    liveMiB,
    rssMiB: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1_024,
    files: readdirSync(`/proc/${bridge.pid}/fd`).length,
    handles,
  };
}

function report(): void {
  const third = Math.floor(SAMPLES / 3);
  // The first third warms up.
  const thirds = (of: "rssMiB" | "liveMiB"): readonly [middle: number, last: number] => [
    median(samples.slice(third, 2 * third).map((each) => each[of])),
    median(samples.slice(2 * third).map((each) => each[of])),
  ];
  const [middle, last] = thirds("rssMiB");
  const [middleLive, lastLive] = thirds("liveMiB");
  const checks: readonly (readonly [boolean, string])[] = [
    [
      counts.wrong === 0,
      `${counts.messages} messages, ${(counts.bytes / 1e6).toFixed(1)} MB each way, ${counts.wrong} of them not as they were sent`,
    ],
    [counts.waiting === 0, `${counts.waiting} links that wait for what they have sent`],
    [last <= middle * 1.05 + 2, `RSS ${middle.toFixed(1)} MiB in the middle third, ${last.toFixed(1)} MiB in the last one`],
    [
      lastLive <= middleLive * 1.05 + 2,
      `${middleLive.toFixed(1)} MiB in use in the middle third, ${lastLive.toFixed(1)} MiB in the last one`,
    ],
    [end.files <= idle.files, `${idle.files} files before, ${end.files} after ${counts.opened} links`],
    [end.handles <= idle.handles, `${idle.handles} handles (sockets and timers) before, ${end.handles} after`],
  ];
  console.log("");
  for (const [isGood, words] of checks) console.log(`${isGood ? "flat" : "NOT "}  ${words}`);
  process.exitCode = checks.every(([isGood]) => isGood) ? 0 : 1;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? NaN;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
