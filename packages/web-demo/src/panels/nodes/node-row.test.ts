import { atom, tuple } from "@erl-dist/core";
import { expect, it } from "vitest";
import { nodeRows } from "./node-row.ts";

it("lists connected nodes first, hidden ones too, then those that are only known", () => {
  const details = [tuple(atom("state"), atom("up")), tuple(atom("in"), 7), tuple(atom("out"), 9)];
  const answers = [
    [atom("shop@a")],
    [atom("page@a")],
    [atom("app@a"), atom("gone@a"), atom("shop@a")],
    tuple(atom("ok"), [tuple(atom("shop@a"), details)]),
  ];
  expect(nodeRows(answers, "app@a", "page@a")).toEqual([
    { name: "page@a", kind: "hidden", state: "up", received: undefined, sent: undefined, isThisPage: true },
    { name: "shop@a", kind: "visible", state: "up", received: 7, sent: 9, isThisPage: false },
    { name: "gone@a", kind: "known", state: "not connected", received: undefined, sent: undefined, isThisPage: false },
  ]);
});
