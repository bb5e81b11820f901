import { describe, expect, it } from "vitest";
import { eachByte } from "../../test/support/handshake-drive.ts";
import { bytesOf } from "../../test/support/hex.ts";
import { encodeAlive, encodeDump, encodeKill, encodeLookup, encodeNames, encodeStop } from "./messages.ts";
import { NameTable } from "./name-table.ts";
import { EpmdSession, type EpmdSessionOptions } from "./server-session.ts";

const DEADLINE = 60_000;

function session(options: Partial<EpmdSessionOptions> = {}): EpmdSession {
  const table = new NameTable();
  return new EpmdSession({ table, isLocal: true, portNo: 4369, firstCreation: 0x6b02_be91, deadline: DEADLINE, ...options });
}

/** Asks, and gives the reply, and whether the connection is over. */
function ask(
  request: Uint8Array,
  options: Partial<EpmdSessionOptions> = {},
): { reply: Uint8Array | undefined; isClosed: boolean } {
  const client = session(options);
  client.receive(request);
  return { reply: client.takeOutbound(), isClosed: client.isClosed };
}

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const APP = { name: "app", portNo: 0x8123, hidden: true, extra: Uint8Array.of(9, 8) };

// The replies are those of OTP's epmd to the same requests.
describe("EPMD", () => {
  it("registers a name for as long as the connection lasts, and gives it the next creation when it comes back", () => {
    const table = new NameTable();
    const first = session({ table });
    first.receive(encodeAlive(APP));
    expect([first.takeOutbound(), first.isClosed, first.nextTimeout()]).toEqual([bytesOf("76 00 6b02be91"), false, undefined]);
    expect(table.size).toBe(1);
    first.close();
    expect(table.size).toBe(0);
    expect(ask(encodeAlive(APP), { table }).reply).toEqual(bytesOf("76 00 6b02be92"));
  });

  it("understands a request byte by byte, and answers in one piece", () => {
    const client = session();
    for (const byte of eachByte(encodeAlive(APP))) {
      expect(client.takeOutbound()).toBeUndefined();
      client.receive(byte);
    }
    expect(client.takeOutbound()).toEqual(bytesOf("76 00 6b02be91"));
  });

  it("refuses a name that is taken, and leaves the connection open", () => {
    const table = new NameTable();
    ask(encodeAlive(APP), { table });
    expect(ask(encodeAlive(APP), { table })).toEqual({ reply: bytesOf("76 01 00000063"), isClosed: false });
    const old = { ...APP, highestVersion: 5, lowestVersion: 5 };
    expect(ask(encodeAlive(old), { table })).toEqual({ reply: bytesOf("79 01 0063"), isClosed: false });
    expect(table.size).toBe(1);
  });

  it("gives an old node a creation of 1 to 3", () => {
    const { reply } = ask(encodeAlive({ ...APP, highestVersion: 5, lowestVersion: 5 }), { firstCreation: 5 });
    expect(reply).toEqual(bytesOf("79 00 0003"));
  });

  it("forgets the name of a node that says more than its registration", () => {
    const table = new NameTable();
    const client = session({ table });
    client.receive(encodeAlive(APP));
    client.receive(Uint8Array.of(0));
    expect([client.isClosed, table.size]).toEqual([true, 0]);
  });

  it("tells what a node has said of itself, and ends the connection, or OTP would wait", () => {
    const table = new NameTable();
    ask(encodeAlive(APP), { table });
    const known = { reply: bytesOf("77 00 8123 48 00 0006 0006 0003 617070 0002 0908"), isClosed: true };
    expect(ask(encodeLookup("app"), { table })).toEqual(known);
    expect(ask(bytesOf("0005 7a 617070 00"), { table })).toEqual(known);
    expect(ask(encodeLookup("nobody"), { table, isLocal: false })).toEqual({ reply: bytesOf("77 01"), isClosed: true });
  });

  it("lists names after its own port", () => {
    const table = new NameTable();
    ask(encodeAlive(APP), { table });
    ask(encodeAlive({ name: "n\u00f6d", portNo: 7 }), { table });
    const { reply, isClosed } = ask(encodeNames(), { table, isLocal: false });
    expect(reply?.subarray(0, 4)).toEqual(bytesOf("00001111"));
    expect([text(reply?.subarray(4)), isClosed]).toEqual(["name app at port 33059\nname n\u00f6d at port 7\n", true]);
  });

  it("dumps names that are and were, as epmd does", () => {
    const table = new NameTable();
    const gone = session({ table });
    gone.receive(encodeAlive({ name: "gone", portNo: 7 }));
    gone.close();
    ask(encodeAlive(APP), { table });
    expect(text(ask(encodeDump(), { table }).reply?.subarray(4))).toBe(
      "active name     <app> at port 33059, fd = -1\n\0old/unused name <gone>, port = 7, fd = -1 \n\0",
    );
  });

  it("is killed only where that is allowed, and by nobody while a node is registered", () => {
    const table = new NameTable();
    const kill = (isKillable: boolean): [string, boolean] => {
      const client = session({ table, isKillable });
      client.receive(encodeKill());
      return [text(client.takeOutbound()), client.isKilled];
    };
    expect(kill(false)).toEqual(["NO", false]);
    ask(encodeAlive(APP), { table });
    expect(kill(true)).toEqual(["NO", false]);
    table.unregister("app");
    expect(kill(true)).toEqual(["OK", true]);
  });

  it.each([
    ["a registration from elsewhere", encodeAlive(APP), false],
    ["a dump for elsewhere", encodeDump(), false],
    ["a kill from elsewhere", encodeKill(), false],
    ["STOP_REQ", encodeStop("app"), true],
    ["an unknown request", bytesOf("0001 ff"), true],
    ["an empty request", bytesOf("0000"), true],
    ["[C6] a request that is too long", bytesOf("0bf5 7a 61"), true],
    ["[C6] more bytes than the request", bytesOf("0004 7a 617070 61"), true],
    ["a registration that ends too early", bytesOf("0003 78 8123"), true],
    ["a name with a NUL", bytesOf("0004 7a 610061"), true],
    ["a name that is no UTF-8", bytesOf("0003 7a c361"), true],
    ["an empty name", bytesOf("0001 7a"), true],
  ])("closes without an answer: %s", (_, request, isLocal) => {
    const table = new NameTable();
    expect(ask(request, { table, isLocal })).toEqual({ reply: undefined, isClosed: true });
    expect(table.size).toBe(0);
  });

  it("[C6] closes a client that has not finished its request in time, however it dribbles", () => {
    const client = session();
    const request = encodeNames();
    for (const [index, byte] of eachByte(request.subarray(0, -1)).entries()) {
      client.receive(byte);
      client.handleTimeout((DEADLINE * (index + 1)) / 4);
      expect([client.isClosed, client.nextTimeout()]).toEqual([false, DEADLINE]);
    }
    client.handleTimeout(DEADLINE);
    expect(client.isClosed).toBe(true);
    client.receive(request.subarray(-1));
    expect(client.takeOutbound()).toBeUndefined();
  });

  it("remembers a thousand names that were given back", () => {
    const table = new NameTable();
    const come = (name: string): number | "duplicate" => {
      const creation = table.register({ ...ALIVE, name }, 4);
      table.unregister(name);
      return creation;
    };
    for (let index = 0; index < 1_001; index++) come(`n${index}`);
    expect([table.entries.length, come("n1000"), come("n0")]).toEqual([1_000, 5, 4]);
  });
});

const ALIVE = {
  type: "ALIVE2",
  portNo: 1,
  nodeType: 77,
  protocol: 0,
  highestVersion: 6,
  lowestVersion: 6,
  extra: new Uint8Array(),
} as const;
