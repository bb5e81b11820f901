import { atom, tuple } from "@erl-dist/core";
import { expect, it } from "vitest";
import { lostRow, type NodeRow, nodeRows } from "./node-row.ts";

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
    { name: "gone@a", kind: "known", state: undefined, received: undefined, sent: undefined, isThisPage: false },
  ]);
});

it("tells which nodes are not connected any more, or not even known", () => {
  const node = { name: "shop@a", kind: "visible", state: "up", received: 7, sent: 9, isThisPage: false } satisfies NodeRow;
  const known = { ...node, kind: "known", state: undefined } satisfies NodeRow;
  expect(lostRow(node, [node])).toBeUndefined();
  expect(lostRow(node, [known])).toEqual({ ...node, state: undefined });
  expect(lostRow(node, [])).toEqual({ ...node, state: undefined });
  expect(lostRow(known, [known])).toBeUndefined();
  expect(lostRow(known, [node])).toBeUndefined();
  expect(lostRow(known, [])).toEqual(known);
});
