// The ways to a node that need no open port: TLS, and a binding that gets through to where the Internet does not.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ErlNode, placeFiles, releases, startErl } from "../../../test/support/otp.ts";
import { throwAwayAuthority } from "../../core/test/support/certificate.ts";

// workerd trusts it only if it is there before wrangler is loaded.
const authority = throwAwayAuthority();
const trusted = join(mkdtempSync(join(tmpdir(), "erl-dist-worker-")), "ca.pem");
writeFileSync(trusted, authority.ca);
process.env["NODE_EXTRA_CA_CERTS"] = trusted;
const { COOKIE, startWorker } = await import("./support/worker.ts");
afterAll(() => rmSync(dirname(trusted), { recursive: true }));

type TestWorker = Awaited<ReturnType<typeof startWorker>>;

describe.each(releases())("with OTP $otp", (release) => {
  const started = new AsyncDisposableStack();
  let overTls: ErlNode;
  let hidden: ErlNode;
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
    worker = await startWorker({
      nodes: {
        // Certificates are for names.
        [overTls.name]: { host: "localhost", portNo: overTls.portNo, tls: true },
        [hidden.name]: { host: "127.0.0.1", portNo: hidden.portNo, binding: "TUNNEL" },
      },
      allow: { erpc: ["erlang:node/0"] },
      others: ["tunnel"],
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
});
