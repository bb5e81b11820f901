import { describe, expect, it } from "vitest";
import { bytesOf } from "../../test/support/hex.ts";
import type { ByteStream } from "../transports/byte-stream.ts";
import { memoryPair } from "../transports/memory.ts";
import { stayRegistered } from "./stay-registered.ts";

interface Line {
  /** The client's end. */
  readonly ours: ByteStream;
  readonly epmd: ByteStream;
}

const newLine = (): Line => {
  const [ours, epmd] = memoryPair();
  return { ours, epmd };
};

/** Answers the request on this line; the request in hexadecimal. */
async function answer({ epmd }: Line, reply: string): Promise<string> {
  const reader = epmd.readable.getReader();
  const { value = new Uint8Array() } = await reader.read();
  reader.releaseLock();
  const writer = epmd.writable.getWriter();
  await writer.write(bytesOf(reply));
  writer.releaseLock();
  return Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Connections as the client asks for them; each takes the next of these lines, or fails. */
function dialler(): { readonly connect: () => Promise<ByteStream>; readonly next: (line: Line | Error) => Promise<void> } {
  const waiting: ((line: Line | Error) => void)[] = [];
  const asked: (() => void)[] = [];
  return {
    connect: () =>
      new Promise((resolve, reject) => {
        waiting.push((line) => (line instanceof Error ? reject(line) : resolve(line.ours)));
        asked.shift()?.();
      }),
    async next(line) {
      if (waiting.length === 0) await new Promise<void>((resolve) => asked.push(resolve));
      waiting.shift()?.(line);
    },
  };
}

const REGISTRATION = { name: "app", portNo: 33_059, hidden: true };
const ALIVE = "001078812348000006000600036170700000";

describe("stayRegistered", () => {
  it("registers again when EPMD has gone, as often as it takes, and keeps its creation", async () => {
    const [first, second, third] = [newLine(), newLine(), newLine()];
    const { connect, next } = dialler();
    const registering = stayRegistered(first.ours, REGISTRATION, { connect, retryMs: 1 });
    expect(await answer(first, "76 00 00000007")).toBe(ALIVE);
    const registered = await registering;
    expect(registered.creation).toBe(7);

    await first.epmd.close();
    await next(new Error("not back yet"));
    await next(second);
    // Another node has taken the name.
    await answer(second, "76 01 00000063");
    await second.epmd.closed;
    await next(third);
    expect(await answer(third, "76 00 00000008")).toBe(ALIVE);
    expect(registered.creation).toBe(7);

    await registered.close();
    await third.epmd.closed;
  });

  it("ends while it waits, and while it registers", async () => {
    for (const stage of ["waiting", "registering"]) {
      const [first, second] = [newLine(), newLine()];
      const { connect, next } = dialler();
      const registering = stayRegistered(first.ours, REGISTRATION, { connect, retryMs: stage === "waiting" ? 60_000 : 1 });
      await answer(first, "76 00 00000007");
      const registered = await registering;
      await first.epmd.close();
      if (stage === "registering") {
        await next(second);
        await second.epmd.readable.getReader().read();
      }
      await expect(registered.close()).resolves.toBeUndefined();
      if (stage === "registering") await second.epmd.closed;
    }
  });

  it("rejects when it cannot register the first time", async () => {
    const line = newLine();
    const registering = stayRegistered(line.ours, REGISTRATION, { connect: dialler().connect });
    registering.catch(() => undefined);
    await answer(line, "76 01 00000063");
    await expect(registering).rejects.toMatchObject({ code: "duplicate_name" });
    await line.epmd.closed;
  });
});
