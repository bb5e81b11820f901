import { atom, Pid } from "@erl-dist/core";
import { describe, expect, it } from "vitest";
import { ProcessTree, type ShownNode, type TreeNode } from "./process-tree.ts";
import { type Answer, type Application, type Item, type Look, nameOf, type ProcessFacts } from "./tree-row.ts";

const NODE = atom("app@a");
const pid = (id: number): Pid => new Pid(NODE, id, 0, 1);
const facts = (more: Partial<ProcessFacts> = {}): ProcessFacts => ({
  registeredName: undefined,
  label: undefined,
  initialCall: "shop:loop/1",
  isSupervisor: false,
  isSuspended: false,
  queueLength: 0,
  memoryBytes: 2_000,
  ...more,
});
const worker = (id: number, name?: string): Item => ({
  type: "process",
  pid: pid(id),
  key: `<0.${id}.0>`,
  edge: "child",
  childType: "worker",
  id: name,
  facts: facts(),
});
const supervisor = (id: number, name: string): Item => ({
  type: "process",
  pid: pid(id),
  key: `<0.${id}.0>`,
  edge: "root",
  childType: "supervisor",
  id: undefined,
  facts: facts({ registeredName: name, isSupervisor: true }),
});
const application = (name: string, master?: number): Application => ({
  name,
  version: "1",
  description: "",
  state: "permanent",
  master: master === undefined ? undefined : pid(master),
  node: undefined,
  processes: undefined,
});
const look = (more: Partial<Look>): Look => ({ tookMs: 1, applications: undefined, answers: [], facts: new Map(), ...more });
const children = (...items: readonly Item[]): Answer => ({ type: "children", hash: 1, items });

/** The application `shop`, its root `shop_sup`, and what is given below that, all open. */
function shop(...items: readonly Item[]): { readonly tree: ProcessTree; readonly app: TreeNode; readonly root: TreeNode } {
  const tree = new ProcessTree();
  tree.look(look({ applications: [application("books_library"), application("shop", 10)] }), []);
  const [app] = tree.applications ?? [];
  if (app === undefined) throw new Error("there is no application");
  tree.answer(app, { type: "root", item: supervisor(11, "shop_sup"), module: "shop" });
  app.isExpanded = true;
  const [root] = app.children ?? [];
  if (root === undefined) throw new Error("there is no root");
  tree.answer(root, children(...items));
  root.isExpanded = true;
  return { tree, app, root };
}
const shown = (rows: readonly ShownNode[]): string[] =>
  rows.map(({ node, note, level }) => `${level} ${note === undefined ? nameOf(node.item) : note.type}`);
const gone = ({ children: below = [] }: TreeNode): string[] =>
  below.filter(({ isGone }) => isGone).map(({ item }) => nameOf(item));

describe("the tree", () => {
  it("has applications with processes first, and a place for each row among its siblings", () => {
    const { tree } = shop(worker(12, "till"), worker(13, "clerk"));
    const rows = tree.rows("");
    expect(shown(rows)).toEqual(["1 shop", "2 shop_sup", "3 till", "3 clerk", "1 books_library"]);
    expect(rows.map(({ position, setSize }) => [position, setSize])).toEqual([
      [1, 2],
      [1, 1],
      [1, 2],
      [2, 2],
      [2, 2],
    ]);
    expect(rows.map(({ isExpanded }) => isExpanded)).toEqual([true, true, undefined, undefined, undefined]);
  });

  it("shows what nobody has answered yet as such, and what is closed not at all", () => {
    const { tree, root } = shop(worker(12, "till"));
    root.isExpanded = false;
    expect(shown(tree.rows(""))).toEqual(["1 shop", "2 shop_sup", "1 books_library"]);
    root.isExpanded = true;
    root.children = undefined;
    expect(shown(tree.rows(""))).toEqual(["1 shop", "2 shop_sup", "3 loading", "1 books_library"]);
  });

  it("keeps a child that has ended where it was, for one look", () => {
    const { tree, root } = shop(worker(12, "till"), worker(13, "clerk"), worker(14, "guard"));
    const next = look({ answers: [children(worker(12, "till"), worker(14, "guard"), worker(15, "clerk"))] });
    tree.look(next, [root]);
    expect(shown(tree.rows("")).slice(2)).toEqual(["3 till", "3 clerk", "3 guard", "3 clerk", "1 books_library"]);
    expect(gone(root)).toEqual(["clerk"]);
    tree.look(look({ answers: [{ type: "same" }] }), [root]);
    expect(shown(tree.rows("")).slice(2)).toEqual(["3 till", "3 guard", "3 clerk", "1 books_library"]);
  });

  it("keeps what is open below a child when its supervisor is asked again", () => {
    const { tree, root } = shop(supervisor(12, "aisle_sup"), worker(13, "clerk"));
    const [aisle] = root.children ?? [];
    if (aisle === undefined) throw new Error("there is no child");
    tree.answer(aisle, children(worker(20, "shelf")));
    aisle.isExpanded = true;
    tree.answer(root, children(worker(14, "guard"), supervisor(12, "aisle_sup"), worker(13, "clerk")));
    expect(shown(tree.rows("")).slice(2, 5)).toEqual(["3 guard", "3 aisle_sup", "4 shelf"]);
  });

  it("forgets the processes of an application that was started again, and of one that was stopped", () => {
    const { tree, app } = shop(worker(12, "till"));
    tree.look(look({ applications: [application("shop", 10), application("books_library")] }), []);
    expect(app.children).toHaveLength(1);
    expect(tree.toLookAt()).not.toContain(app);
    tree.look(look({ applications: [application("shop", 30), application("books_library")] }), []);
    expect(app.children).toBeUndefined();
    expect(tree.toLookAt()).toContain(app);
    tree.look(look({ applications: [application("shop"), application("books_library")] }), []);
    expect(tree.canExpand(app)).toBe(false);
    expect(shown(tree.rows(""))).toEqual(["1 books_library", "1 shop"]);
  });

  it("looks for a root again when that has ended and its application has not", () => {
    const { tree, app, root } = shop();
    tree.look(look({ answers: [{ type: "gone" }] }), [root]);
    expect(tree.toLookAt()).not.toContain(app);
    tree.look(look({}), []);
    expect(tree.toLookAt()).toContain(app);
  });

  it("asks nobody again by itself who did not answer, until a person has it asked", () => {
    const { tree, root } = shop(worker(12, "till"));
    expect(tree.toLookAt()).toEqual([root]);
    tree.answer(root, { type: "timeout" });
    expect(tree.toLookAt()).toEqual([]);
    // What was known of it stays.
    expect(shown(tree.rows("")).slice(2)).toEqual(["3 till", "3 silent", "1 books_library"]);
    tree.answer(root, children(worker(12, "till")));
    expect(tree.toLookAt()).toEqual([root]);
    expect(shown(tree.rows("")).slice(2)).toEqual(["3 till", "1 books_library"]);
  });

  it("takes nobody for ended because there are more children than are listed", () => {
    const { tree, root } = shop();
    const page = (...ids: readonly number[]): Answer => ({
      type: "listed",
      hash: 1,
      total: 900,
      items: ids.map((id) => worker(id)),
    });
    root.limit = 3;
    tree.answer(root, page(21, 22, 23));
    expect(root.note).toEqual({ type: "next", shown: 3, count: 900, more: 200 });
    tree.answer(root, page(20, 21, 22));
    expect(root.children).toHaveLength(3);
    expect(gone(root)).toEqual([]);
    tree.answer(root, { type: "many", hash: 2, count: 950 });
    expect(root.children).toEqual([]);
  });

  it("tells children apart that restart and have no ids", () => {
    const restarting: Item = { type: "absent", id: "", state: "restarting" };
    const { tree } = shop(restarting, restarting);
    const keys = tree.rows("").map(({ node }) => node.key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength(5);
  });

  it("filters what was opened, with what leads there and what is open below", () => {
    const { tree, root, app } = shop(worker(12, "till"), supervisor(13, "aisle_sup"), worker(14, "aisle_guard"));
    const aisle = root.children?.[1];
    if (aisle === undefined) throw new Error("there is no child");
    tree.answer(aisle, children(worker(20, "shelf")));
    app.isExpanded = false;
    expect(shown(tree.rows("SHELF"))).toEqual(["1 shop", "2 shop_sup", "3 aisle_sup", "4 shelf"]);
    expect(tree.rows("shelf").map(({ isForced }) => isForced)).toEqual([true, true, true, false]);
    expect(shown(tree.rows("aisle"))).toEqual(["1 shop", "2 shop_sup", "3 aisle_sup", "3 aisle_guard"]);
    aisle.isExpanded = true;
    expect(shown(tree.rows("aisle"))).toEqual(["1 shop", "2 shop_sup", "3 aisle_sup", "4 shelf", "3 aisle_guard"]);
    expect(shown(tree.rows("<0.12.0>"))).toEqual(["1 shop", "2 shop_sup", "3 till"]);
    expect(tree.rows("nobody")).toEqual([]);
  });
});
