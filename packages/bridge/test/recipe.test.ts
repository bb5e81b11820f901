// What docs/SECURITY.md tells operators to do on their nodes, tried on each release.
import { connect } from "node:net";
import { once } from "node:events";
import { ErlangNode } from "@erl-dist/core";
import { tcp } from "@erl-dist/core/transports/nodejs";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type ErlNode, releases, startErl } from "../../../test/support/otp.ts";
import { startGuarded, TARGET, visit, vitals } from "./support/guarded.ts";

const FOR_WEB = "anotherlongrandomcookie";

describe.each(releases())("with OTP $otp", (release) => {
  let erl: ErlNode;
  beforeAll(async () => {
    erl = await startErl({ release, cookie: "thecookieofthecluster" });
    await erl.eval(`net_kernel:allow(['web1@shop', 'web2@shop', '${erl.name}'])`);
    await erl.eval(`[erlang:set_cookie(Name, '${FOR_WEB}') || Name <- ['web1@shop', 'web2@shop']]`);
  });
  afterAll(() => erl.stop());

  async function dial(name: string, cookie: string) {
    const node = await ErlangNode.start({ name, cookie, connect: tcp({ portNo: erl.portNo }) });
    onTestFinished(() => node.stop());
    return node.connect(erl.name);
  }

  it("net_kernel:allow/1 lets in the names that it lists, and others leave no atom", async () => {
    await expect(dial("stranger0@shop", erl.cookie)).rejects.toMatchObject({ code: "not_allowed" });
    const before = await vitals(erl);
    for (let index = 1; index <= 30; index++) {
      await expect(dial(`stranger${index}@shop`, erl.cookie)).rejects.toMatchObject({ code: "not_allowed" });
    }
    expect((await vitals(erl)).atoms - before.atoms).toBeLessThan(20);
  });

  it("a cookie for a name is good for that name, and the cluster's is not", async () => {
    await expect(dial("web1@shop", erl.cookie)).rejects.toMatchObject({ code: "wrong_cookie" });
    expect(await dial("web1@shop", FOR_WEB)).toMatchObject({ name: erl.name });
  });

  it("the bridge comes under the names of a pool, with the cookie that is for them", async () => {
    const targets = {
      [TARGET]: {
        node: erl.name,
        portNo: erl.portNo,
        cookie: FOR_WEB,
        names: { type: "pool", names: ["web1@shop", "web2@shop"] },
      },
    } as const;
    const guarded = await startGuarded(erl, { targets });
    const first = await visit(guarded);
    const second = await visit(guarded);
    expect([await first.node.ping(erl.name), await second.node.ping(erl.name)]).toEqual([true, true]);
    expect([first.node.name, second.node.name].toSorted()).toEqual(["web1@shop", "web2@shop"]);
    const third = await visit(guarded);
    await expect(third.node.connect(erl.name)).rejects.toMatchObject({ code: "bridge_refused" });
  });

  it("inet_dist_use_interface keeps the distribution port off other addresses", async () => {
    // The whole of 127.0.0.0/8 is this machine.
    const socket = connect(erl.portNo, "127.0.0.2");
    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
  });
});
