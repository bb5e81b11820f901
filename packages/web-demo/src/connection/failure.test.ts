import { ConnectionError, HandshakeError, ProtocolError } from "@erl-dist/core";
import { describe, expect, it } from "vitest";
import { describeFailure } from "./failure.ts";

const context = { bridge: "ws://127.0.0.1:8080", node: "app@127.0.0.1", name: "me@127.0.0.1" };

describe("a failure in words", () => {
  it("names the cookie when that is wrong, and does not expect time to mend it", () => {
    expect(describeFailure(new HandshakeError("wrong_cookie", "digest differs"), context)).toMatchObject({
      code: "wrong_cookie",
      title: "Wrong cookie",
      detail: "This page and app@127.0.0.1 do not share the same cookie.",
      passing: false,
    });
  });

  it("names the address of a bridge that is away, which may come back", () => {
    const failure = describeFailure(new ConnectionError("bridge_unreachable", "no"), context);
    expect(failure.detail).toContain("ws://127.0.0.1:8080");
    expect(failure.passing).toBe(true);
  });

  it("names our own name when that is in use", () => {
    expect(describeFailure(new HandshakeError("name_in_use", "alive"), context).detail).toContain("me@127.0.0.1");
  });

  it("tells a worker that failed from a connection that was closed", () => {
    const cause = new Event("error");
    const failure = describeFailure(new ConnectionError("closed", "out of memory", { cause }), context);
    expect(failure).toMatchObject({ code: "closed", title: "Worker failed", passing: true });
    expect(failure.detail).toContain("app@127.0.0.1 failed: out of memory");
  });

  it("keeps what the bridge says in its refusal", () => {
    const refusal = new ConnectionError("bridge_refused", "no target of that name");
    expect(describeFailure(refusal, context).detail).toContain("no target of that name");
  });

  it("tells the caller's mistakes, the peer's and the unforeseen apart", () => {
    expect(describeFailure(new TypeError("bad address"), context).code).toBe("wrong_setting");
    expect(describeFailure(new ProtocolError("bad_packet", "at byte 3"), context).title).toBe("Protocol error");
    expect(describeFailure("odd", context)).toMatchObject({ code: "unexpected", detail: "odd" });
  });
});
