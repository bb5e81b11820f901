// What is in packages/bridge/deploy, as far as it can be run without a container engine and without being PID 1.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startErl } from "../../../test/support/otp.ts";
import type { Ticket } from "../src/index.ts";
import { buildImage, type Image } from "./support/dockerfile.ts";
import { KEY, ORIGIN, TARGET, visit } from "./support/guarded.ts";

const ROOT = join(import.meta.dirname, "../../..");
const DEPLOY = join(import.meta.dirname, "../deploy");
const COOKIE = "thecookiethatnopageeversees";
/** Installing takes as long as the network does. */
const BUILD_MS = 600_000;
/** Whoever is not root is nobody else already. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

describe("the Dockerfile", () => {
  let folder: string;
  let image: Image;
  beforeAll(() => {
    // Whoever is not root has to get there, and the folder for temporary files of a test run is for one user.
    folder = mkdtempSync("/tmp/erl-bridge-image-");
    chmodSync(folder, 0o755);
    image = buildImage(join(DEPLOY, "Dockerfile"), ROOT, folder);
  }, BUILD_MS);
  afterAll(() => rmSync(folder, { recursive: true }));

  const options = () => ({ ...NOBODY, cwd: "/", env: image.env }) as const;
  const run = (command: readonly string[]): string => {
    const [file = "", ...args] = command;
    return execFileSync(file, args, { ...options(), encoding: "utf8" });
  };

  it("installs a command that runs as somebody without rights", () => {
    expect(image.user).toBe("node");
    expect(run([...image.entrypoint, "--help"])).toMatch(/^erl-bridge --dev NODE@HOST/);
    const { version } = JSON.parse(readFileSync(join(DEPLOY, "../package.json"), "utf8")) as { readonly version: string };
    expect(run([...image.entrypoint, "--version"])).toBe(`erl-bridge ${version}\n`);
  });

  it("installs what the bridge needs, and nothing that only builds it", () => {
    const listed = execFileSync("npm", ["ls", "--all", "--parseable"], {
      cwd: join(image.root, "app"),
      env: image.env,
      encoding: "utf8",
    });
    const names = listed
      .trim()
      .split("\n")
      .map((path) => path.replace(/^.*\/node_modules\//, ""));
    expect(names).toEqual(expect.arrayContaining(["@erl-dist/bridge", "@erl-dist/core", "ws", "jose", "valibot"]));
    expect(names.length).toBeLessThan(15);
  });

  it("has a bridge that lets a page in under custody, is healthy, and stops when it is told to", async () => {
    await using erl = await startErl({ cookie: COOKIE });
    const targets = { [TARGET]: { node: erl.name, portNo: erl.portNo, cookie: { env: "SHOP_COOKIE" } } };
    const config = {
      key: { env: "BRIDGE_KEY" },
      auth: { type: "jwt" },
      origins: [ORIGIN],
      portNo: 0,
      targets,
      monitor: { portNo: 0 },
    };
    const file = join(folder, "bridge.json");
    writeFileSync(file, JSON.stringify(config));
    Object.assign(image.env, { SHOP_COOKIE: COOKIE, BRIDGE_KEY: KEY });

    const [command, ...args] = [...image.entrypoint, "--config", file];
    const child = spawn(command, args, { ...options(), stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<Readonly<Record<string, unknown>>> => JSON.parse(String((await lines.next()).value));
    const { url, monitor } = await next();
    const mint = [...image.entrypoint, "mint", "--config", file, "--target", TARGET, "--subject", "ann"];
    const { node } = await visit({ url: String(url), ticket: async () => JSON.parse(run(mint)) as Ticket });
    expect(await node.ping(erl.name)).toBe(true);
    expect(await erl.eval("nodes(hidden)")).toMatch(/^\['.+@web'\]$/);

    // At the monitor's default port, which may be taken here.
    const healthcheck = image.healthcheck.map((word) => word.replace("http://127.0.0.1:9370", String(monitor)));
    expect(healthcheck).not.toEqual(image.healthcheck);
    run(healthcheck);
    await node.stop();
    expect(await next()).toMatchObject({ event: "linkclose", code: 1000, subject: "ann" });
    child.kill(image.stopSignal as NodeJS.Signals);
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(() => run(healthcheck)).toThrow("Command failed");
  });
});

describe("the unit for systemd", () => {
  it("is taken by systemd-analyze, but for a command that is not installed here", () => {
    const folder = mkdtempSync(join(tmpdir(), "erl-bridge-unit-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const unit = join(folder, "erl-bridge.service");
    const text = readFileSync(join(DEPLOY, "erl-bridge.service"), "utf8");
    // It looks for the commands.
    writeFileSync(unit, text.replaceAll("/usr/local/bin/erl-bridge", "/bin/sh"));
    const verify = (): string =>
      execFileSync("systemd-analyze", ["verify", unit], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    expect(verify()).toBe("");
    // So that this can fail.
    writeFileSync(unit, text);
    expect(verify).toThrow(/erl-bridge is not executable/);
  });
});
