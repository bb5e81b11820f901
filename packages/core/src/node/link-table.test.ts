import { expect, it } from "vitest";
import { atom, Pid } from "../etf/index.ts";
import { LinkTable, UnlinkIds } from "./link-table.ts";

const pid = new Pid(atom("b@h"), 1, 0, 1);
const table = (): LinkTable => new LinkTable(String);

it("says when LINK and UNLINK_ID have to be sent", () => {
  const links = table();
  expect([links.unlink(pid, 1n), links.link(pid), links.link(pid)]).toEqual([false, true, false]);
  expect([links.unlink(pid, 2n), links.unlink(pid, 3n)]).toEqual([true, false]);
  // Made anew while the unlink is under way: LINK goes out again.
  expect(links.link(pid)).toBe(true);
});

it("forgets a link by the acknowledgement of the unlink that ended it, and by no other", () => {
  const links = table();
  links.link(pid);
  links.unlink(pid, 1n);
  links.acknowledged(pid, 2n);
  expect(links.size).toBe(1);
  links.acknowledged(pid, 1n);
  expect(links.size).toBe(0);

  links.link(pid);
  links.unlink(pid, 3n);
  links.link(pid);
  links.acknowledged(pid, 3n);
  expect(links.active()).toEqual([pid]);
});

it("ignores what came over a link that we are ending", () => {
  const links = table();
  links.link(pid);
  links.unlink(pid, 1n);
  links.linked(pid);
  links.unlinked(pid);
  expect([links.active(), links.size]).toEqual([[], 1]);
  expect(links.exited(pid)).toBe(false);
  expect(links.size).toBe(0);
});

it("has those links that a peer makes and ends", () => {
  const links = table();
  links.linked(pid);
  expect(links.active()).toEqual([pid]);
  links.unlinked(pid);
  expect(links.size).toBe(0);
  links.linked(pid);
  expect(links.exited(pid)).toBe(true);
  expect(links.exited(pid)).toBe(false);
});

it("loses all links to a node, and tells which were active", () => {
  const links = table();
  const ending = new Pid(atom("b@h"), 2, 0, 1);
  const elsewhere = new Pid(atom("c@h"), 1, 0, 1);
  for (const other of [pid, ending, elsewhere]) links.link(other);
  links.unlink(ending, 1n);
  expect(links.lost("b@h")).toEqual([pid]);
  expect([links.active(), links.size]).toEqual([[elsewhere], 1]);
});

it("counts ids from 1", () => {
  const ids = new UnlinkIds();
  expect([ids.next(), ids.next()]).toEqual([1n, 2n]);
});
