import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Epmd, releases, startEpmd, startErl } from "../../../../test/support/otp.ts";
import type { ByteStream } from "../transports/byte-stream.ts";
import { connectTcp } from "../transports/nodejs.ts";
import { dump, kill, lookup, names, register, stop } from "./client.ts";

describe("a real epmd", () => {
  let epmd: Epmd;
  const connect = (): Promise<ByteStream> => connectTcp("127.0.0.1", epmd.portNo);

  beforeAll(async () => {
    epmd = await startEpmd();
  });
  afterAll(() => epmd.stop());

  it("lists a name for as long as it is registered, and remembers it afterwards", async () => {
    const first = await register(await connect(), { name: "app", portNo: 33_059, extra: Uint8Array.of(1, 2) });
    expect(first.creation).toBeGreaterThanOrEqual(4);
    expect(await names(await connect())).toEqual([{ name: "app", portNo: 33_059 }]);
    expect(await lookup(await connect(), "app")).toEqual({
      name: "app",
      portNo: 33_059,
      nodeType: "visible",
      protocol: 0,
      highestVersion: 6,
      lowestVersion: 6,
      extra: Uint8Array.of(1, 2),
    });
    expect(await dump(await connect())).toEqual([{ state: "active", name: "app", portNo: 33_059, fd: expect.any(Number) }]);
    await first.close();
    await expect.poll(async () => names(await connect()), { timeout: 10_000 }).toEqual([]);
    expect(await dump(await connect())).toEqual([{ state: "old/unused", name: "app", portNo: 33_059, fd: expect.any(Number) }]);
    const second = await register(await connect(), { name: "app", portNo: 1 });
    expect(second.creation).not.toBe(first.creation);
    await second.close();
  });

  it("has no second node of a name", async () => {
    const first = await register(await connect(), { name: "one", portNo: 1, hidden: true });
    const stream = await connect();
    await expect(register(stream, { name: "one", portNo: 2 })).rejects.toMatchObject({ code: "duplicate_name" });
    await stream.closed;
    expect(await lookup(await connect(), "one")).toMatchObject({ portNo: 1, nodeType: "hidden" });
    await first.close();
  });

  it("gives a creation of 16 bits to a node of an older version", async () => {
    const old = await register(await connect(), { name: "old", portNo: 1, highestVersion: 5, lowestVersion: 5 });
    expect([1, 2, 3]).toContain(old.creation);
    await old.close();
  });

  it("knows names in UTF-8, and not those that nobody registered", async () => {
    const registered = await register(await connect(), { name: "n\u00f6d", portNo: 7 });
    expect(await lookup(await connect(), "n\u00f6d")).toMatchObject({ name: "n\u00f6d", portNo: 7 });
    expect(await lookup(await connect(), "nod")).toBeUndefined();
    await registered.close();
  });

  it("forgets a name when it is told to", async () => {
    const registered = await register(await connect(), { name: "gone", portNo: 7 });
    expect(await stop(await connect(), "gone")).toBe(true);
    await registered.closed;
    expect(await stop(await connect(), "gone")).toBe(false);
  });

  it("ends, and the registrations with it", async () => {
    const mortal = await startEpmd();
    try {
      const connectToMortal = (): Promise<ByteStream> => connectTcp("127.0.0.1", mortal.portNo);
      const registered = await register(await connectToMortal(), { name: "app", portNo: 1 });
      await kill(await connectToMortal());
      await registered.closed;
      await expect(connectToMortal()).rejects.toMatchObject({ code: "refused" });
    } finally {
      await mortal.stop();
    }
  });

  it.each(releases())("finds a node of OTP $otp, which registers 6 as its version", async (release) => {
    await using erl = await startErl({ release, epmd });
    const [alive = ""] = erl.name.split("@");
    expect(await lookup(await connect(), alive)).toMatchObject({ portNo: erl.portNo, nodeType: "visible", highestVersion: 6 });
    expect(await names(await connect())).toContainEqual({ name: alive, portNo: erl.portNo });
  });

  it.each(releases())("is asked by OTP $otp for a name that we registered", async (release) => {
    const registered = await register(await connect(), { name: "page", portNo: 4711 });
    await using erl = await startErl({ release, epmd });
    expect(await erl.eval('erl_epmd:port_please("page", {127,0,0,1})')).toBe("{port,4711,6}");
    await registered.close();
  });
});
