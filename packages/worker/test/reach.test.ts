// The ways to a node that need no open port: TLS, and a binding that gets through to where the Internet does not.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ErlNode, freePortNo, placeFiles, releases, startEpmd, startErl } from "../../../test/support/otp.ts";
import { register } from "../../core/src/epmd/index.ts";
import { connectTcp } from "../../core/src/transports/nodejs.ts";
import { throwAwayAuthority } from "../../core/test/support/certificate.ts";

// workerd trusts it only if it is there before wrangler is loaded.
const authority = throwAwayAuthority();
const trusted = join(mkdtempSync(join(tmpdir(), "erl-dist-worker-")), "ca.pem");
writeFileSync(trusted, authority.ca);
process.env["NODE_EXTRA_CA_CERTS"] = trusted;
const { COOKIE, NODE_NAME, startWorker } = await import("./support/worker.ts");
afterAll(() => rmSync(dirname(trusted), { recursive: true }));

type TestWorker = Awaited<ReturnType<typeof startWorker>>;

describe.each(releases())("with OTP $otp", { timeout: 120_000 }, (release) => {
  const started = new AsyncDisposableStack();
  let overTls: ErlNode;
  let hidden: ErlNode;
  let dialling: ErlNode;
  let worker: TestWorker;

  beforeAll(async () => {
    const { cert, key } = authority.issue();
    const files = placeFiles(release, { "cert.pem": cert, "key.pem": key });
    started.defer(files.remove);
    const server = `{certfile, "${files.folder}/cert.pem"}, {keyfile, "${files.folder}/key.pem"}, {verify, verify_none}`;
    const conf = placeFiles(release, { "dist.conf": `[{server, [${server}]}, {client, [{verify, verify_none}]}].` });
    started.defer(conf.remove);
    overTls = started.use(
      await startErl({
        release,
        cookie: COOKIE,
        args: ["-proto_dist", "inet_tls", "-ssl_dist_optfile", `${conf.folder}/dist.conf`],
      }),
    );
    hidden = started.use(await startErl({ release, cookie: COOKIE }));
    const epmd = await startEpmd();
    started.defer(() => epmd.stop());
    dialling = started.use(await startErl({ release, epmd, cookie: COOKIE }));
    const doorPortNo = await freePortNo();
    // Nodes that look for the Worker are sent to the door.
    const registration = await register(await connectTcp("127.0.0.1", epmd.portNo, { peer: NODE_NAME }), {
      name: "worker",
      portNo: doorPortNo,
    });
    started.defer(() => registration.close());
    worker = await startWorker({
      nodes: {
        [dialling.name]: { portNo: dialling.portNo },
        // Certificates are for names.
        [overTls.name]: { host: "localhost", portNo: overTls.portNo, tls: true },
        [hidden.name]: { host: "127.0.0.1", portNo: hidden.portNo, binding: "TUNNEL" },
      },
      allow: { erpc: ["erlang:node/0"] },
      others: ["tunnel", "door"],
      doorPortNo,
    });
    started.defer(() => worker.stop());
  });
  afterAll(() => started.disposeAsync());
  beforeEach(({ onTestFailed }) => onTestFailed(() => worker.harness.debug()));

  it("reaches a node over TLS", async () => {
    const body = { node: overTls.name, module: "erlang", function: "node", args: [] };
    expect(await worker.result("/erpc", body)).toEqual({ $atom: overTls.name });
    expect(await overTls.eval("[P || {_, Info} <- erlang:system_info(dist_ctrl), P <- [is_pid(Info)]]")).toBe("[true]");
  });

  it("reaches a node by a binding's connect()", async () => {
    const body = { node: hidden.name, module: "erlang", function: "node", args: [] };
    expect(await worker.result("/erpc", body)).toEqual({ $atom: hidden.name });
    expect(worker.logs()).toContain(`tunnel to 127.0.0.1:${hidden.portNo}`);
  });

  it("[W7] is reached by a node that comes in through another Worker and a service binding", async () => {
    expect(await dialling.eval(`net_adm:ping('${NODE_NAME}')`)).toBe("pong");
    expect(await dialling.eval(`erpc:call('${NODE_NAME}', edge, double, [4])`)).toBe("8");
    expect(await dialling.eval("nodes(hidden)")).toBe(`['${NODE_NAME}']`);
  });
});
