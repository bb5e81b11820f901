// EPMD, both ways: our client at a real one, real nodes at ours.
import { execFileSync } from "node:child_process";
import { lookup, names, register } from "@erl-dist/core/epmd";
import { connectTcp } from "@erl-dist/core/transports/nodejs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Epmd, releases, startEpmd } from "../support/otp.ts";
import { bytewise, startRelay } from "./support/relay.ts";

const LOOPBACK = "127.0.0.1";

describe.each(releases())("epmd of OTP $otp", (release) => {
  let epmd: Epmd;
  const connect = () => connectTcp(LOOPBACK, epmd.portNo);

  beforeAll(async () => {
    epmd = await startEpmd({ release });
  });
  afterAll(() => epmd.stop());

  const listing = (): string => {
    const [file, ...args] = [...release.prefix, "epmd", "-port", String(epmd.portNo), "-names"];
    return execFileSync(file, args, { encoding: "utf8", env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin` } });
  };

  it("[C1] lists our name until we close the connection", async () => {
    const registered = await register(await connect(), { name: "page", portNo: 4711, hidden: true });
    expect(listing()).toContain("name page at port 4711\n");
    await registered.close();
    await expect.poll(listing).not.toContain("page");
  });

  it("[C2] has a name once, and we close the connection that it leaves open", async () => {
    const first = await register(await connect(), { name: "once", portNo: 1 });
    const stream = await connect();
    await expect(register(stream, { name: "once", portNo: 2 })).rejects.toMatchObject({ code: "duplicate_name" });
    await stream.closed;
    await first.close();
  });

  it("[C3] has no name that nobody registered, and says so at once", async () => {
    const started = performance.now();
    expect(await lookup(await connect(), "nobody")).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it("[C4] is understood byte by byte", async () => {
    const relay = await startRelay(epmd.portNo, { there: bytewise, back: bytewise });
    const behind = () => connectTcp(LOOPBACK, relay.portNo);
    const registered = await register(await behind(), { name: "slow", portNo: 4711 });
    expect(await lookup(await behind(), "slow")).toMatchObject({ name: "slow", portNo: 4711 });
    expect(await names(await behind())).toEqual([{ name: "slow", portNo: 4711 }]);
    await registered.close();
  });
});
