import { describe, expect, it } from "vitest";
import { eachByte } from "../../test/support/handshake-drive.ts";
import { bytesOf } from "../../test/support/hex.ts";
import type { ByteStream } from "../transports/byte-stream.ts";
import { memoryPair } from "../transports/memory.ts";
import { dump, kill, lookup, names, register, stop } from "./client.ts";

const ascii = (text: string): string =>
  Array.from(text, (character) => character.charCodeAt(0).toString(16).padStart(2, "0")).join("");

interface FakeEpmd {
  readonly stream: ByteStream;
  /** What the client asked, in hexadecimal. */
  readonly asked: Promise<string>;
  /** When the client has closed. */
  readonly closed: Promise<void>;
  end(): Promise<void>;
}

/** Answers one request with these bytes, one by one, and closes unless it is to stay. */
function fakeEpmd(reply: string, { stays = false } = {}): FakeEpmd {
  const [stream, theirs] = memoryPair();
  const reader = theirs.readable.getReader();
  const serve = async (): Promise<string> => {
    const { value } = await reader.read();
    const writer = theirs.writable.getWriter();
    // A client that has read enough is free to close in the middle.
    for (const byte of eachByte(bytesOf(reply))) await writer.write(byte).catch(() => undefined);
    if (!stays) await theirs.close();
    return Array.from(value ?? [], (byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  return { stream, asked: serve(), closed: stream.closed, end: () => theirs.close() };
}

const KNOWN = "77 00 8123 48 00 0006 0005 0003 617070 0000";

describe("lookup", () => {
  it("gives what EPMD knows of a node, from a reply that comes byte by byte", async () => {
    const epmd = fakeEpmd(KNOWN);
    expect(await lookup(epmd.stream, "app")).toMatchObject({ name: "app", portNo: 33_059, nodeType: "hidden", lowestVersion: 5 });
    expect(await epmd.asked).toBe("00047a617070");
    await epmd.closed;
  });

  it("does not wait for the end of a complete reply", async () => {
    const epmd = fakeEpmd(KNOWN, { stays: true });
    expect(await lookup(epmd.stream, "app")).toMatchObject({ portNo: 33_059 });
    await epmd.closed;
    await epmd.end();
  });

  it("gives undefined for a name that EPMD does not have", async () => {
    const epmd = fakeEpmd("77 01");
    expect(await lookup(epmd.stream, "app")).toBeUndefined();
    await epmd.closed;
  });

  it("refuses a full node name, says why, and closes", async () => {
    const epmd = fakeEpmd("");
    await expect(lookup(epmd.stream, "app@host")).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining("the part before the @"),
    });
    await epmd.closed;
  });
});

describe("register", () => {
  it.each(["76 00 6b02be91", "79 00 0003"])("keeps the stream open after %s, and close() gives the name back", async (reply) => {
    const epmd = fakeEpmd(reply, { stays: true });
    const registered = await register(epmd.stream, { name: "app", portNo: 33_059, hidden: true });
    expect(registered.creation).toBe(reply.startsWith("76") ? 0x6b02_be91 : 3);
    expect(await epmd.asked).toBe("001078812348000006000600036170700000");
    await registered.close();
    await registered.closed;
    await epmd.closed;
    await epmd.end();
  });

  it("tells when EPMD has gone", async () => {
    const epmd = fakeEpmd("76 00 6b02be91", { stays: true });
    const registered = await register(epmd.stream, { name: "app", portNo: 1 });
    await epmd.end();
    await expect(registered.closed).resolves.toBeUndefined();
    await epmd.closed;
  });

  it("closes the stream, which EPMD leaves open, when the name is taken", async () => {
    const epmd = fakeEpmd("76 01 00000063", { stays: true });
    await expect(register(epmd.stream, { name: "app", portNo: 1 })).rejects.toMatchObject({
      code: "duplicate_name",
      message: expect.stringContaining("already has a node named app"),
    });
    await epmd.closed;
    await epmd.end();
  });
});

describe("a listing", () => {
  it("ends with the connection: names", async () => {
    const epmd = fakeEpmd(`00001111 ${ascii("name app at port 7\n")}`);
    expect(await names(epmd.stream)).toEqual([{ name: "app", portNo: 7 }]);
    await epmd.closed;
  });

  it("ends with the connection: dump", async () => {
    const epmd = fakeEpmd(`00001111 ${ascii("active name     <app> at port 7, fd = 5\n\0")}`);
    expect(await dump(epmd.stream)).toEqual([{ state: "active", name: "app", portNo: 7, fd: 5 }]);
    await epmd.closed;
  });
});

it("kills EPMD, or tells that it would not be", async () => {
  await kill(fakeEpmd(ascii("OK")).stream);
  await expect(kill(fakeEpmd(ascii("NO")).stream)).rejects.toMatchObject({ code: "refused_command" });
});

it("makes EPMD forget a name, and says whether it had it", async () => {
  expect(await stop(fakeEpmd(ascii("STOPPED")).stream, "app")).toBe(true);
  expect(await stop(fakeEpmd(ascii("NOEXISTSTOPPED")).stream, "app")).toBe(false);
});

describe("a reply", () => {
  const requests: [string, (stream: ByteStream) => Promise<unknown>][] = [
    ["lookup", (stream) => lookup(stream, "app")],
    ["register", (stream) => register(stream, { name: "app", portNo: 1 })],
    ["names", names],
    ["dump", dump],
    ["kill", kill],
    ["stop", (stream) => stop(stream, "app")],
  ];

  it.each(requests)("that is empty is a refusal: %s", async (_, request) => {
    const epmd = fakeEpmd("");
    await expect(request(epmd.stream)).rejects.toMatchObject({ name: "EpmdError", code: "refused_command" });
    await epmd.closed;
  });

  it.each(requests)("of something else than EPMD is refused, and the stream closed: %s", async (_, request) => {
    const epmd = fakeEpmd(ascii("HTTP/1.1 400 Bad Request"));
    await expect(request(epmd.stream)).rejects.toMatchObject({ name: "EpmdError", code: "bad_reply" });
    await epmd.closed;
  });

  it("that ends too early is told apart from none", async () => {
    await expect(lookup(fakeEpmd(KNOWN.slice(0, -2)).stream, "app")).rejects.toMatchObject({ code: "closed" });
  });

  it("that never ends is read up to a limit", async () => {
    const [stream, theirs] = memoryPair();
    const writer = theirs.writable.getWriter();
    const flood = async (): Promise<void> => {
      for (;;) await writer.write(new Uint8Array(65_536));
    };
    const flooded = flood().catch(() => "stopped");
    await expect(names(stream)).rejects.toMatchObject({ code: "bad_reply", message: expect.stringContaining("does not end") });
    expect(await flooded).toBe("stopped");
  });
});
