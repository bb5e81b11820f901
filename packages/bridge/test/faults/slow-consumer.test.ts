// A page that goes on ticking but reads nothing. A node suspends whatever sends to a connection that is full, for as long as it
// gets ticks (measured: for ever), so that the page could stop processes there. The bridge does not let it.
import { ErlangNode } from "@erl-dist/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { releases, startErl } from "../../../../test/support/otp.ts";
import { throwAwayAuthority } from "../../../core/test/support/certificate.ts";
import { startBridge } from "../support/bridge.ts";
import { inetTls } from "../support/inet-tls.ts";
import { keptSockets } from "../support/kept-sockets.ts";

// A sender that does not connect again by itself, so that its status tells what the lost connection did to it.
const SENDER = `
  register(sender, spawn(fun() ->
    erlang:monitor_node('page@browser', true),
    Loop = fun F(Sent) ->
      receive
        {nodedown, _} -> unregister(sender), register(freed, self()), receive stop -> ok end
      after 0 ->
        erlang:send({sink, 'page@browser'}, binary:copy(<<"x">>, 100000), [noconnect]),
        F(Sent + 1)
      end
    end,
    Loop(0)
  end))`;

const status = (name: string): string =>
  `case whereis(${name}) of undefined -> undefined; P -> element(2, erlang:process_info(P, status)) end`;

const { ca, issue } = throwAwayAuthority();

describe.each(releases())("with Erlang/OTP $otp", (release) => {
  it.each([
    ["TCP", undefined],
    ["TLS", { ca, ...issue() }],
  ])(
    "[T7] over %s cuts off a page that ticks but reads nothing within the stall limit; the node's sender runs again",
    async (_, tls) => {
      using placed = tls && inetTls(release, { ca, ...issue() });
      await using erl = await startErl({ release, args: placed?.args ?? [] });
      const targets = { app: { node: erl.name, portNo: erl.portNo, tls } };
      const { url, record, link } = await startBridge({ targets, limits: { stallTimeMs: 2_000, closeTimeMs: 100 } });
      const { sockets, connect } = keptSockets(url, { target: "app" });
      const node = await ErlangNode.start({ name: "page@browser", cookie: erl.cookie, netTickTimeMs: 4_000, connect });
      onTestFinished(() => node.stop());
      const opened = link();
      await node.connect(erl.name);
      const link1 = await opened;
      for (const socket of sockets) {
        onTestFinished(() => socket.terminate());
        socket.pause();
      }

      await erl.eval(SENDER);
      while (!((await erl.eval(status("sender"))) === "suspended" && link1.toPage.paused));
      const before = link1.toNode.bytes;
      // It ran on, saw the nodedown, and waits for what it likes.
      while ((await erl.eval(status("freed"))) !== "waiting");
      expect(await erl.eval("nodes(hidden)")).toBe("[]");
      expect(link1.toNode.bytes).toBeGreaterThan(before);
      expect(link1.toPage.peakBufferedBytes).toBeLessThanOrEqual(1024 * 1024);
      const written = await record();
      expect(written).toMatchObject({ by: "bridge", code: 4408, detail: "the node had to wait for the page for 2000 ms" });
    },
  );
});
