// What the console can do with a real node, without a browser around it.
import { atom, charlist, type Connector, ErlangNode, ErlMap, format, type Pid, text, type Tuple, tuple } from "@erl-dist/core";
import { tcp } from "@erl-dist/core/transports/nodejs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ErlNode, releases, startErl } from "../../../../test/support/otp.ts";
import { CallError } from "./call-error.ts";
import { RemoteNode } from "./remote-node.ts";

for (const release of releases()) {
  describe(`a real node, OTP ${release.otp}`, () => {
    let erl: ErlNode;
    let local: ErlangNode;
    let remote: RemoteNode;

    const connect = async (): Promise<{ local: ErlangNode; remote: RemoteNode }> => {
      const local = await ErlangNode.start({ cookie: erl.cookie, connect: tcp({ portNo: erl.portNo }) });
      await local.connect(erl.name);
      return { local, remote: new RemoteNode(local, erl.name) };
    };
    const failureOf = async (call: Promise<unknown>): Promise<CallError> => {
      const error = await call.then(
        () => undefined,
        (error: unknown) => error,
      );
      if (!(error instanceof CallError)) throw new Error("expected a CallError", { cause: error });
      return error;
    };

    beforeAll(async () => {
      erl = await startErl({ release });
      ({ local, remote } = await connect());
    });
    afterAll(async () => {
      await local.stop();
      await erl.stop();
    });

    it("calls functions there", async () => {
      expect(await remote.call("lists", "reverse", [[1, 2, 300]])).toEqual([300, 2, 1]);
    });

    it("makes several calls in one process, in order", async () => {
      const values = await remote.batch([
        ["erlang", "put", [atom("key"), 1]],
        ["erlang", "get", [atom("key")]],
      ]);
      expect(values).toEqual([atom("undefined"), 1]);
    });

    it("evaluates expressions with values for their variables, and parses a source once", async () => {
      const source = "Double = fun(X) -> X * 2 end, lists:map(Double, Numbers)";
      expect(await remote.evaluate(source, { Numbers: [100, 200] })).toEqual([200, 400]);
      const parses = vi.spyOn(remote, "call");
      expect(await remote.evaluate(source, { Numbers: [300] })).toEqual([600]);
      expect(parses.mock.calls.map(([module]) => module)).toEqual(["erl_eval"]);
    });

    it("takes bindings in any order", async () => {
      expect(await remote.evaluate("{C, A, B}", { B: 2, C: 3, A: 1 })).toEqual(tuple(3, 1, 2));
    });

    it("says what is wrong with a source", async () => {
      expect((await failureOf(remote.evaluate("1 +"))).message).toContain("erl_parse:parse_exprs/1 failed");
    });

    it("tells exceptions, missing functions and exits apart", async () => {
      const failures = [
        await failureOf(remote.call("erlang", "hd", [[]])),
        await failureOf(remote.call("no_such_module", "f", [])),
        await failureOf(remote.call("erlang", "exit", [atom("enough")])),
      ];
      expect(failures.map(({ code, message }) => [code, message])).toEqual([
        ["exception", "erlang:hd/1 failed: badarg"],
        ["undef", "the node has no no_such_module:f/0"],
        ["exception", "erlang:exit/1 failed: exit enough"],
      ]);
    });

    it("ends a call that takes too long, on the node too", async () => {
      const before = await erl.eval("erlang:system_info(process_count)");
      const failure = await failureOf(remote.call("timer", "sleep", [atom("infinity")], { timeoutMs: 50 }));
      expect([failure.code, failure.message]).toEqual([
        "timeout",
        "timer:sleep/1 was ended, since it did not answer within 0.05 s",
      ]);
      await vi.waitFor(async () => expect(await erl.eval("erlang:system_info(process_count)")).toBe(before));
    });

    it("ends a call that an abort signal gives up, with the signal's reason", async () => {
      const abort = new AbortController();
      const call = remote.call("timer", "sleep", [atom("infinity")], { signal: abort.signal });
      abort.abort(new Error("changed my mind"));
      await expect(call).rejects.toThrow("changed my mind");
    });

    it("ends a call that needs too much memory, and the node logs nothing of it", async () => {
      const failure = await failureOf(remote.call("lists", "seq", [1, 50_000_000], { maxHeapBytes: 8 * 1024 * 1024 }));
      expect([failure.code, failure.message]).toEqual(["too_large", "lists:seq/2 needed more memory than allowed and was ended"]);
      expect(erl.output()).not.toContain("maximum heap size");
    });

    it("runs calls with low priority and the node's `user` as group leader", async () => {
      const values = await remote.batch([
        ["erlang", "group_leader", []],
        ["erlang", "whereis", [atom("user")]],
      ]);
      expect(format(values[0] ?? 0)).toBe(format(values[1] ?? 1));
      const info = await remote.evaluate("process_info(self(), [priority, max_heap_size])");
      expect(format(info)).toContain("{priority,low}");
    });

    it("brings what a function prints to a group leader of ours", async () => {
      const device = local.spawn();
      const call = remote.call("io", "put_chars", [charlist("hello")], { groupLeader: device.pid });
      const request = (await device.receive()) as Tuple;
      expect([request.at(0), text((request.at(3) as Tuple).at(2))]).toEqual([atom("io_request"), "hello"]);
      device.send(request.at(1) as Pid, tuple(atom("io_reply"), request.at(2), atom("ok")));
      expect(await call).toBe(atom("ok"));
    });

    it("knows the release, and what the node has", async () => {
      const features = await remote.features();
      expect(features.otpRelease).toBe(release.otp);
      expect(features.erts).toMatch(/^\d+\.\d+/);
      expect(features.hasRuntimeTools).toBe((await erl.eval("code:which(observer_backend)")) !== "non_existing");
    });

    it("holds something on the node as long as it is connected", async () => {
      const second = await connect();
      const pid = await second.remote.hold("timer", "sleep", [atom("infinity")]);
      const alive = `is_process_alive(list_to_pid("<0.${pid.id}.${pid.serial}>"))`;
      expect(await erl.eval(alive)).toBe("true");
      await second.local.stop();
      await vi.waitFor(async () => expect(await erl.eval(alive)).toBe("false"));
    });

    it("leaves a dead man, who cleans up when the connection is lost", async () => {
      const second = await connect();
      await second.remote.call("persistent_term", "put", [atom("left"), 1]);
      await second.remote.deadMan([
        ["erlang", "display", [atom("cleaning_up")]],
        ["persistent_term", "erase", [atom("left")]],
      ]);
      await vi.waitFor(() => expect(second.local.counts.processes).toBeGreaterThan(3));
      expect(await erl.eval("persistent_term:get(left, gone)")).toBe("1");
      await second.local.disconnect(erl.name);
      await vi.waitFor(async () => expect(await erl.eval("persistent_term:get(left, gone)")).toBe("gone"));
      await second.local.stop();
    });

    it("disarms a dead man without the cleaning up, and nothing is left of it on either side", async () => {
      const processes = Number(await erl.eval("erlang:system_info(process_count)"));
      const { processes: ours } = local.counts;
      const deadMan = await remote.deadMan([["persistent_term", "put", [atom("left"), 2]]]);
      await vi.waitFor(() => expect(local.counts.processes).toBe(ours + 1));
      deadMan.disarm();
      await vi.waitFor(() => expect(local.counts.processes).toBe(ours));
      await vi.waitFor(async () => expect(Number(await erl.eval("erlang:system_info(process_count)"))).toBe(processes));
      expect(await erl.eval("persistent_term:get(left, gone)")).toBe("gone");
    });

    it("disarms a dead man after the connection was lost without connecting again", async () => {
      const dial = vi.fn<Connector>(tcp({ portNo: erl.portNo }));
      const second = await ErlangNode.start({ cookie: erl.cookie, connect: dial });
      await second.connect(erl.name);
      const deadMan = await new RemoteNode(second, erl.name).deadMan([["erlang", "node", []]]);
      await second.disconnect(erl.name);
      deadMan.disarm();
      // A signal would have begun to connect before the node stops.
      await second.stop();
      expect(dial).toHaveBeenCalledTimes(1);
    });

    it("lets nobody else leave processes here by the function that dead men wait in", async () => {
      (await remote.deadMan([["erlang", "node", []]])).disarm();
      expect(await erl.eval(`rpc:call('${local.name}', console, hold, [12345])`)).toBe("ok");
    });

    it("tells all callers when the connection is lost", async () => {
      const second = await connect();
      const call = failureOf(second.remote.call("timer", "sleep", [atom("infinity")], { timeoutMs: 60_000 }));
      await second.remote.call("erlang", "node", []);
      await second.local.disconnect(erl.name);
      expect((await call).code).toBe("noconnection");
      expect((await failureOf(second.remote.call("erlang", "node", []))).code).toBe("noconnection");
      expect(second.local.nodes()).toEqual([]);
      await second.local.stop();
    });

    it("pings", async () => {
      expect(await remote.ping()).toBeGreaterThan(0);
      expect(await remote.evaluate("#{ok => true}")).toBeInstanceOf(ErlMap);
    });
  });
}
