// EPMD, both ways: our client at a real one, real nodes at ours.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { lookup, names, register } from "@erl-dist/core/epmd";
import { connectTcp, serveEpmd } from "@erl-dist/core/transports/nodejs";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { fastestMs } from "../../packages/core/test/support/fastest.ts";
import { type Epmd, releases, startEpmd, startErl } from "../support/otp.ts";
import { bytewise, startRelay } from "./support/relay.ts";

const LOOPBACK = "127.0.0.1";

describe.each(releases())("epmd of OTP $otp", (release) => {
  let epmd: Epmd;
  const dial = () => connectTcp(LOOPBACK, epmd.portNo);

  beforeAll(async () => {
    epmd = await startEpmd({ release });
  });
  afterAll(() => epmd.stop());

  const listing = (): string => {
    const [file, ...args] = [...release.prefix, "epmd", "-port", String(epmd.portNo), "-names"];
    return execFileSync(file, args, { encoding: "utf8", env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin` } });
  };

  it("[C1] lists our name until we close the connection", async () => {
    const registered = await register(await dial(), { name: "page", portNo: 4711, hidden: true });
    expect(listing()).toContain("name page at port 4711\n");
    await registered.close();
    await expect.poll(listing).not.toContain("page");
  });

  it("[C2] has a name once, and we close the connection that it leaves open", async () => {
    const first = await register(await dial(), { name: "once", portNo: 1 });
    const stream = await dial();
    await expect(register(stream, { name: "once", portNo: 2 })).rejects.toMatchObject({ code: "duplicate_name" });
    await stream.closed;
    await first.close();
  });

  it("[C3] has no name that nobody registered, and says so at once", async () => {
    const missing = async (): Promise<void> => expect(await lookup(await dial(), "nobody")).toBeUndefined();
    expect(await fastestMs(missing)).toBeLessThan(1_000);
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

describe.each(releases())("OTP $otp at our EPMD", (release) => {
  it("[C5] registers, finds its like and lists names; a killed node gives its name back", async () => {
    const epmd = await serveEpmd({ portNo: 0 });
    onTestFinished(() => epmd.close());
    await using one = await startErl({ release, epmd: { portNo: epmd.portNo, stop: () => epmd.close() } });
    await using two = await startErl({ release, epmd: { portNo: epmd.portNo, stop: () => epmd.close() } });
    const [first = "", second = ""] = [one.name.split("@")[0], two.name.split("@")[0]];
    expect(epmd.names).toEqual([
      { name: first, portNo: one.portNo },
      { name: second, portNo: two.portNo },
    ]);
    expect(await one.eval(`lists:sort(element(2, erl_epmd:names({127,0,0,1})))`)).toBe(
      `[{"${first}",${one.portNo}},{"${second}",${two.portNo}}]`,
    );
    expect(await one.eval(`erl_epmd:port_please("${second}", {127,0,0,1})`)).toBe(`{port,${two.portNo},6}`);
    expect(await one.eval('erl_epmd:port_please("nobody", {127,0,0,1})')).toBe("noport");
    expect(await one.eval(`net_adm:ping('${two.name}')`)).toBe("pong");
    // The creation is ours: pids of the node carry it.
    expect(Number(await one.eval("erlang:system_info(creation)"))).toBeGreaterThan(1_600_000_000);

    await two.kill();
    await expect.poll(() => epmd.names).toEqual([{ name: first, portNo: one.portNo }]);
    expect(await one.eval(`erl_epmd:port_please("${second}", {127,0,0,1})`)).toBe("noport");
  });

  it("[C5] keeps a second node of a name out", async () => {
    const epmd = await serveEpmd({ portNo: 0 });
    onTestFinished(() => epmd.close());
    const registered = await register(await connectTcp(LOOPBACK, epmd.portNo), { name: "taken", portNo: 1 });
    const [file, ...args] = [...release.prefix, "erl", "-noshell", "-start_epmd", "false", "-name", "taken@127.0.0.1"];
    const env = { ...process.env, ERL_EPMD_PORT: String(epmd.portNo), ERL_CRASH_DUMP: "/dev/null", HOME: "/tmp" };
    const { status, stdout } = await output(file, [...args, "-setcookie", "secret"], env);
    expect(status).not.toBe(0);
    expect(stdout).toContain("seems to be in use by another Erlang node");
    await registered.close();
  });
});

describe("our EPMD", () => {
  it("[C6] closes a client that takes too long, and one whose request is too long, and serves on", async () => {
    const epmd = await serveEpmd({ portNo: 0, requestTimeMs: 200 });
    onTestFinished(() => epmd.close());
    const registered = await register(await connectTcp(LOOPBACK, epmd.portNo), { name: "page", portNo: 4711 });
    const slow = connect(epmd.portNo, LOOPBACK);
    const drip = setInterval(() => slow.write(Buffer.of(0)), 60);
    // The first of 256 bytes.
    slow.write(Buffer.of(1));
    onTestFinished(() => clearInterval(drip));
    await once(slow.resume(), "close");
    const long = connect(epmd.portNo, LOOPBACK);
    long.write(Buffer.concat([Buffer.of(0xff, 0xff), Buffer.alloc(100)]));
    await once(long.resume(), "close");
    expect(await names(await connectTcp(LOOPBACK, epmd.portNo))).toEqual([{ name: "page", portNo: 4711 }]);
    await registered.close();
  });
});

/** What a program printed to the end, which has to come. */
function output(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ status: number | null; stdout: string }> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.on("close", (status) => resolve({ status, stdout }));
  });
}
