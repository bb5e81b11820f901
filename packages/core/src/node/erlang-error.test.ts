import { describe, expect, it } from "vitest";
import { ConnectionError } from "../errors.ts";
import { atom, charlist, type Term, tuple } from "../etf/index.ts";
import { ErlangError, exceptionOf, exitReasonOf } from "./erlang-error.ts";

describe("the message of an ErlangError", () => {
  const call = (last: Term): Term => tuple(atom("m"), atom("f"), last, []);

  it.each([
    [new ErlangError("exit", atom("bye")), "exit: bye"],
    [new ErlangError("error", atom("badarg"), [call(2), call(1)]), "error: badarg in m:f/2"],
    [new ErlangError("error", atom("undef"), [call([1, "a", 2])]), "error: undef in m:f/3"],
    [new ErlangError("throw", 17, ["no stack trace"]), "throw: 17"],
    [
      new ErlangError("error", tuple(atom("js_error"), new TextEncoder().encode('"TypeError"'), charlist("oh"))),
      String.raw`error: {js_error,<<"\"TypeError\"">>,"oh"}`,
    ],
    [new ErlangError("error", [[], [1, 2], new Uint8Array(), Uint8Array.of(0, 65)]), "error: [[],[1,2],<<>>,<<0,65>>]"],
    [new ErlangError("exit", charlist("a".repeat(300))), `exit: "${"a".repeat(200)}..."`],
  ])("says what and where: %s", (error, message) => {
    expect(error.message).toBe(message);
  });

  it("says why there is no connection", () => {
    const cause = new ConnectionError("refused", "nothing listens there");
    const below = new ErlangError("error", atom("noconnection"), [], { code: "noconnection", cause });
    const above = new ErlangError("error", atom("nodedown"), [], { code: "noconnection", cause: below });
    expect([below.message, above.message]).toEqual([
      "error: noconnection (nothing listens there)",
      "error: nodedown (nothing listens there)",
    ]);
    expect(new ErlangError("exit", atom("noconnection"), [], { code: "noconnection" }).message).toBe("exit: noconnection");
  });
});

it("is made of whatever a function throws, and made into an exit reason", () => {
  const thrown = exceptionOf("a word", [1]);
  expect(thrown).toMatchObject({ class: "error", reason: tuple(atom("js_error"), "thrown", "a word"), stacktrace: [1] });
  expect(exitReasonOf(new ErlangError("throw", 17))).toEqual(tuple(tuple(atom("nocatch"), 17), []));
  expect(exitReasonOf(new ErlangError("exit", 17))).toBe(17);
});
