import { describe, expect, it } from "vitest";
import { AllowList, type NameOperation } from "./allow-list.ts";

const list = new AllowList({
  erpc: ["lists:sum/1", "my_api:get", "other_api:*"],
  call: ["counter", "room_*"],
  send: ["<pid>"],
  atoms: ["red"],
});

describe("functions", () => {
  it.each([
    ["lists", "sum", 1],
    ["my_api", "get", 0],
    ["my_api", "get", 255],
    ["other_api", "anything", 3],
  ])("allows %s:%s/%i", (module, name, arity) => expect(() => list.checkFunction(module, name, arity)).not.toThrow());

  it.each([
    ["lists", "sum", 2],
    ["lists", "reverse", 1],
    ["my_api", "get_all", 0],
    ["my_api_2", "get", 0],
    ["other", "api", 0],
    ["*", "*", 0],
  ])("does not allow %s:%s/%i", (module, name, arity) => {
    expect(() => list.checkFunction(module, name, arity)).toThrow(`ALLOW.erpc has no rule for ${module}:${name}/${arity}`);
  });
});

describe("names", () => {
  it.each<[NameOperation, string | undefined]>([
    ["call", "counter"],
    ["call", "room_1"],
    ["call", "room_"],
    ["send", undefined],
  ])("allows %s to %s", (operation, name) => expect(() => list.checkName(operation, name)).not.toThrow());

  it.each<[NameOperation, string | undefined]>([
    ["call", "counters"],
    ["call", "room"],
    ["call", undefined],
    ["cast", "counter"],
    ["send", "counter"],
    ["monitor", "counter"],
    ["subscribe", "inbox"],
  ])("does not allow %s to %s", (operation, name) => {
    expect(() => list.checkName(operation, name)).toThrow(expect.objectContaining({ code: "not_allowed", status: 403 }));
  });
});

it("allows nothing by default", () => {
  const nothing = new AllowList({});
  expect(() => nothing.checkFunction("erlang", "node", 0)).toThrow(/ALLOW/);
  expect(() => nothing.checkName("call", "init")).toThrow(/ALLOW/);
  expect(() => nothing.checkName("send")).toThrow(/ALLOW/);
  expect(() => nothing.checkAtom("fresh")).toThrow(/ALLOW/);
});

it("takes the atoms that it names, and those that each node has; with * all", () => {
  expect(() => list.checkAtom("red")).not.toThrow();
  expect(() => list.checkAtom("ok")).not.toThrow();
  expect(() => list.checkAtom("green")).toThrow('ALLOW.atoms does not have "green"');
  expect(() => new AllowList({ atoms: ["*"] }).checkAtom("green")).not.toThrow();
});

it("is read from JSON text as well", () => {
  expect(() => new AllowList('{"call": ["counter"]}').checkName("call", "counter")).not.toThrow();
  expect(() => new AllowList(" ").checkName("call", "counter")).toThrow(/ALLOW/);
});
