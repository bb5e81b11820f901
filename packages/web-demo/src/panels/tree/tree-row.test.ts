import { type Atom, atom, Pid, type Term, tuple } from "@erl-dist/core";
import { expect, it } from "vitest";
import { ENGLISH } from "../../english.ts";
import { Words } from "../../words.ts";
import { type Item, type Look, lookOf, nameOf } from "./tree-row.ts";

const HERE: Atom = atom("app@a");
const pid = (id: number, serial = 0, node = HERE): Pid => new Pid(node, id, serial, 1);
const bytes = (text: string): Term => new TextEncoder().encode(text);
const shown = (id: string): Term => tuple(atom("text"), bytes(id));
const read = (answer: Term, infos: readonly Term[] = [], applications: Term = atom("none")): Look =>
  lookOf(tuple(2_500, applications, [answer], [...infos]), HERE.name, undefined, new Words("en", ENGLISH));
const items = ({ answers: [answer] }: Look): readonly Item[] => (answer !== undefined && "items" in answer ? answer.items : []);

it("reads how long the look took on the node, and nothing of what was not asked for", () => {
  expect(read(atom("same"))).toEqual({ tookMs: 2.5, applications: undefined, answers: [{ type: "same" }], facts: new Map() });
  expect(read(atom("same"), [], atom("timeout")).applications).toBe("timeout");
});

it("has children without ids in the order of their pids, and others in that of their supervisor", () => {
  const child = (id: string, id1: number, serial = 0): Term => tuple(shown(id), pid(id1, serial), atom("worker"));
  const unnamed = [child("undefined", 9), child("undefined", 2, 1), child("undefined", 3)];
  expect(items(read(tuple(atom("children"), 1, unnamed))).map((item) => item.type === "process" && item.key)).toEqual([
    "<0.3.0>",
    "<0.9.0>",
    "<0.2.1>",
  ]);
  const named = [child("till", 9), child("clerk", 3)];
  expect(items(read(tuple(atom("children"), 1, named))).map(nameOf)).toEqual(["till", "clerk"]);
});

it("knows a child by its registered name, its label, its id, its initial call, or at last by its pid", () => {
  const names = (id: string, info: readonly Term[] | undefined): string | undefined => {
    const answer = tuple(atom("children"), 1, [tuple(shown(id), pid(7), atom("worker"))]);
    return items(read(answer, info === undefined ? [] : [tuple(pid(7), [...info])])).map(nameOf)[0];
  };
  const call = tuple(atom("initial_call"), tuple(atom("shop"), atom("loop"), 1));
  const label = tuple(tuple(atom("dictionary"), atom("$process_label")), bytes("cart 7"));
  const name = tuple(atom("registered_name"), atom("cart"));
  expect(names("basket", [call, label, name])).toBe("cart");
  expect(names("basket", [call, label])).toBe("cart 7");
  expect(names("basket", [call])).toBe("basket");
  expect(names("undefined", [call])).toBe("shop:loop/1");
  expect(names("undefined", undefined)).toBe("<0.7.0>");
});

it("says in which node a process is that is not in this one, and knows nothing else of it", () => {
  const far = pid(7, 0, atom("far@b"));
  const answer = tuple(atom("children"), 1, [tuple(shown("far"), far, atom("supervisor"))]);
  expect(items(read(answer))).toEqual([{ type: "elsewhere", pid: "<far@b.7.0>", node: "far@b", edge: "child", id: "far" }]);
});

it("tells a child that restarts from one that does not run", () => {
  const answer = tuple(atom("children"), 1, [
    tuple(shown("a"), atom("restarting"), atom("worker")),
    tuple(shown("b"), atom("undefined"), atom("worker")),
  ]);
  expect(items(read(answer))).toEqual([
    { type: "absent", id: "a", state: "restarting" },
    { type: "absent", id: "b", state: "notRunning" },
  ]);
});

it("reads where a distributed application runs, and what it does not know as such", () => {
  const row = (type: string, place: Term): Term =>
    tuple(atom("shop"), bytes("1"), bytes("sells"), atom(type), place, atom("none"));
  const [far, odd] = (read(
    atom("same"),
    [],
    [row("permanent", tuple(atom("node"), atom("far@b"))), row("new_type", atom("none"))],
  ).applications ?? []) as readonly unknown[];
  expect(far).toMatchObject({ state: "permanent", node: "far@b", master: undefined, processes: undefined });
  expect(odd).toMatchObject({ state: "running", node: undefined });
});

it("takes an answer that no recipe gives for a failure", () => {
  expect(read(atom("nonsense")).answers).toEqual([{ type: "failed" }]);
  expect(read(tuple(atom("nonsense"), 1)).answers).toEqual([{ type: "failed" }]);
});
