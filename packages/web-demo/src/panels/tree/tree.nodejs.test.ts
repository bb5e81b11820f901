// What the tree asks of real nodes of every release: that each of its answers is read, and that nobody is the worse for having been asked.
import { atom, type Pid, type Term, type Tuple } from "@erl-dist/core";
import type { BareNode } from "@erl-dist/core/remote-node";
import { tcp } from "@erl-dist/core/transports/nodejs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ErlNode, releases, startErl } from "../../../../../test/support/otp.ts";
import { startShop } from "../../../test/support/shop.ts";
import { ENGLISH } from "../../english.ts";
import { Words } from "../../words.ts";
import { NO_SETTINGS } from "../../connection/connection-state.ts";
import { openSession } from "../../connection/session.ts";
import type { RemoteNode } from "../../remote/remote-node.ts";
import { type Redact, showBindings } from "../shown-term.ts";
import { strategyText } from "./erl-tree.ts";
import { ProcessTree, type TreeNode } from "./process-tree.ts";
import { LOCATE, LOOK, STRATEGY } from "./recipes.ts";
import { type Answer, ID_EXTENT, type Item, type Look, lookOf, nameOf } from "./tree-row.ts";

const CROWD = 600;
/** All that panels say, in English. */
const WORDS = new Words("en", ENGLISH);

for (const release of releases()) {
  describe(`the tree on OTP ${release.otp}`, () => {
    let erl: ErlNode;
    let local: BareNode;
    let remote: RemoteNode;

    beforeAll(async () => {
      erl = await startErl({ release });
      ({ node: local, remote } = await openSession({
        settings: { ...NO_SETTINGS, node: erl.name, cookie: erl.cookie, name: "" },
        way: { connector: tcp({ portNo: erl.portNo }) },
        takeOver: false,
        signal: new AbortController().signal,
        shaking: () => {},
        received: () => {},
      }));
      await startShop(erl, { crowd: CROWD });
    });
    afterAll(async () => {
      await local.stop();
      await erl.stop();
    });

    const look = async (requests: readonly Term[], more: Readonly<Record<string, Term>> = {}, redact?: Redact): Promise<Look> => {
      const bindings = {
        ...showBindings(ID_EXTENT, redact),
        Requests: [...requests],
        WithApplications: false,
        Pids: [],
        ...more,
      };
      return lookOf(await remote.evaluate(LOOK, bindings, { timeoutMs: 20_000 }), remote.name, redact, WORDS);
    };
    const ask = async (tree: ProcessTree, node: TreeNode, redact?: Redact): Promise<Answer> => {
      const request = tree.requestFor(node, true);
      if (request === undefined) throw new Error("there is nothing to ask");
      const { answers, facts } = await look([request], {}, redact);
      const [answer] = answers;
      if (answer === undefined) throw new Error("there was no answer");
      tree.answer(node, answer);
      tree.learn(facts);
      node.isExpanded = true;
      return answer;
    };
    /** A tree that is open down to there, by names. */
    const open = async (tree: ProcessTree, ...way: string[]): Promise<TreeNode> => {
      tree.look(await look([], { WithApplications: true }), []);
      let nodes: readonly TreeNode[] = tree.applications ?? [];
      let found: TreeNode | undefined;
      for (const name of way) {
        found = nodes.find(({ item }) => nameOf(item) === name);
        if (found === undefined) throw new Error(`no ${name} among ${nodes.map(({ item }) => nameOf(item)).join()}`);
        if (tree.canExpand(found)) await ask(tree, found);
        nodes = found.children ?? [];
      }
      if (found === undefined) throw new Error("no way was given");
      return found;
    };
    const child = (node: TreeNode, name: string): TreeNode => {
      const found = node.children?.find(({ item }) => nameOf(item) === name);
      if (found === undefined) throw new Error(`no ${name} below ${nameOf(node.item)}`);
      return found;
    };
    const names = (node: TreeNode): string[] => (node.children ?? []).map(({ item }) => nameOf(item));
    const pidOf = ({ item }: TreeNode): Pid => {
      if (item.type !== "process") throw new Error("not a process");
      return item.pid;
    };
    const queueOf = async (name: string): Promise<number> =>
      Number((await erl.eval(`element(2, process_info(whereis(${name}), message_queue_len))`)) || "0");

    it("lists the applications: those with a tree and how they were started, libraries, and those that only are loaded", async () => {
      await erl.eval(`ok = application:load({application, idle, [{description, [strange, term]}, {vsn, "0"}]})`);
      const { applications, tookMs } = await look([], { WithApplications: true });
      const of = (name: string) => Array.isArray(applications) && applications.find((each) => each.name === name);
      expect(of("kernel")).toMatchObject({ state: "permanent", version: expect.stringMatching(/^\d+\./), node: undefined });
      expect(of("kernel")).toMatchObject({ master: expect.anything(), processes: expect.any(Number) });
      expect(of("stdlib")).toMatchObject({ state: "permanent", master: undefined, processes: undefined });
      expect(of("shop")).toMatchObject({ state: "temporary", description: "sells books", version: "1.2.3" });
      const counted = await erl.eval(`M = application_controller:get_master(shop),
        length([P || P <- processes(), process_info(P, group_leader) =:= {group_leader, M}])`);
      expect(of("shop")).toMatchObject({ processes: Number(counted) });
      // A description that is no text spoils no other application.
      expect(of("idle")).toMatchObject({ state: "loaded", description: "", master: undefined });
      expect(tookMs).toBeGreaterThan(0);
      await erl.eval("ok = application:unload(idle)");
    });

    it("finds the root of an application, and says that a library has none", async () => {
      const tree = new ProcessTree();
      const shop = await open(tree, "shop");
      expect(names(shop)).toEqual(["shop_sup"]);
      expect(shop.module).toBe("shop");
      const stdlib = tree.find(({ item }) => nameOf(item) === "stdlib");
      if (stdlib === undefined) throw new Error("there is no stdlib");
      expect(tree.canExpand(stdlib)).toBe(false);
      expect(await ask(tree, stdlib)).toEqual({ type: "noTree" });
    });

    it("lists children in the order of their start, and in words those that do not run", async () => {
      const tree = new ProcessTree();
      const root = await open(tree, "shop", "shop_sup");
      expect(names(root)).toEqual(["till", "clerk", "aisle_sup", "crowd_sup", "guests_sup", "nobody", "liar"]);
      expect(root.count).toBe(7);
      expect(child(root, "nobody").item).toEqual({ type: "absent", id: "nobody", state: "notRunning" });
      expect(child(root, "till").item).toMatchObject({
        childType: "worker",
        facts: { initialCall: "shop:loop/1", isSupervisor: false },
      });
      expect(child(root, "aisle_sup").item).toMatchObject({
        childType: "supervisor",
        id: "aisle",
        facts: { isSupervisor: true },
      });
    });

    it("never asks for the children of a process that only is said to be a supervisor", async () => {
      const tree = new ProcessTree();
      const liar = child(await open(tree, "shop", "shop_sup"), "liar");
      expect(liar.item).toMatchObject({ childType: "supervisor", facts: { isSupervisor: false } });
      expect(tree.canExpand(liar)).toBe(false);
      tree.withLinks = true;
      await ask(tree, liar);
      expect(
        await erl.eval(`[{_, P, _, _}] = [C || {liar, _, _, _} = C <- supervisor:which_children(shop_sup)],
        process_info(P, message_queue_len)`),
      ).toBe("{message_queue_len,0}");
    });

    it("lists the children of a simple_one_for_one, which have no ids, by their pids", async () => {
      const guests = await open(new ProcessTree(), "shop", "shop_sup", "guests_sup");
      expect(guests.children).toHaveLength(3);
      const pids = (guests.children ?? []).map(pidOf);
      expect(pids).toEqual(pids.toSorted((a, b) => a.serial - b.serial || a.id - b.id));
      expect(names(guests)).toEqual(["shop:loop/1", "shop:loop/1", "shop:loop/1"]);
    });

    it("tells only how many children there are of more than 500, and lists them page by page by the links", async () => {
      const tree = new ProcessTree();
      const crowd = await open(tree, "shop", "shop_sup", "crowd_sup");
      expect(crowd.note).toEqual({ type: "many", count: CROWD });
      expect(crowd.children).toEqual([]);
      const supervisor = await erl.eval("whereis(shop_sup)");
      for (const [limit, shown] of [
        [200, 200],
        [400, 400],
        [800, 600],
      ] as const) {
        crowd.limit = limit;
        await ask(tree, crowd);
        expect(crowd.children).toHaveLength(shown);
      }
      expect(crowd.note).toBeUndefined();
      // Its own supervisor is among its links, and is no child.
      expect(crowd.children?.map(({ item }) => item.type === "process" && item.key)).not.toContain(supervisor);
    });

    it("[trap 17] shows a child of another node with its node, and never asks about it", async () => {
      const far = local.spawn();
      const supervisor = await erl.eval("whereis(shop_sup)");
      await remote.call("supervisor", "start_child", [
        atom("shop_sup"),
        await remote.evaluate("#{id => far, start => {shop, give, [Pid]}, restart => temporary}", { Pid: far.pid }),
      ]);
      const tree = new ProcessTree();
      const root = await open(tree, "shop", "shop_sup");
      expect(child(root, "far").item).toMatchObject({ type: "elsewhere", node: local.name, pid: far.pid.toString() });
      expect(tree.canExpand(child(root, "far"))).toBe(false);
      // Whoever asks in spite of that, by links or by a list of pids, hears nothing of it either.
      const { answers, facts } = await look(
        [
          await remote.evaluate("{linked, Pid, none, 10}", { Pid: far.pid }),
          await remote.evaluate("{listed, whereis(shop_sup), none, 99}"),
        ],
        { Pids: [far.pid] },
      );
      expect(answers[0]).toEqual({ type: "failed" });
      expect(answers[1]).toMatchObject({
        items: expect.arrayContaining([expect.objectContaining({ type: "elsewhere", node: local.name })]),
      });
      expect([...facts.keys()]).not.toContain(`<0.${far.pid.id}.${far.pid.serial}>`);
      await remote.call("supervisor", "terminate_child", [atom("shop_sup"), atom("far")]);
      // Not even the supervisor asks whether it is alive: it would have died of that.
      expect(await erl.eval("whereis(shop_sup)")).toBe(supervisor);
    });

    it("says that a suspended supervisor did not answer, leaves it alone until it is told to, and does it no harm", async () => {
      const tree = new ProcessTree();
      const root = await open(tree, "shop", "shop_sup");
      const aisle = child(root, "aisle_sup");
      const before = await erl.eval("whereis(aisle_sup)");
      const processes = async (): Promise<number> => Number(await erl.eval("erlang:system_info(process_count)"));
      const count = await processes();
      await erl.eval("sys:suspend(aisle_sup)");
      expect(await ask(tree, aisle)).toEqual({ type: "timeout" });
      expect(aisle.note).toEqual({ type: "silent" });
      expect(tree.toLookAt()).not.toContain(aisle);
      // Others are answered in the same look.
      const { answers } = await look([aisle, root].flatMap((node) => tree.requestFor(node, true) ?? []));
      expect(answers.map(({ type }) => type)).toEqual(["timeout", "children"]);
      // Nobody waits for it any more.
      await vi.waitFor(async () => expect(await processes()).toBe(count));
      await erl.eval("sys:resume(aisle_sup)");
      expect(await ask(tree, aisle)).toMatchObject({ type: "children" });
      expect(names(aisle)).toEqual(["shelf_1", "shelf_2", "shelf_3"]);
      expect(await erl.eval("whereis(aisle_sup)")).toBe(before);
      expect(await queueOf("aisle_sup")).toBe(0);
    });

    it("asks a supervisor again only when something was started below it or has ended there", async () => {
      const tree = new ProcessTree();
      const guests = await open(tree, "shop", "shop_sup", "guests_sup");
      const again = async (): Promise<string | undefined> => {
        const asked = tree.toLookAt();
        const answer = await look(asked.flatMap((node) => tree.requestFor(node, false) ?? []));
        tree.look(answer, asked);
        return answer.answers[asked.indexOf(guests)]?.type;
      };
      // Whoever is suspended would keep the question.
      await erl.eval("sys:suspend(guests_sup)");
      expect(await again()).toBe("same");
      expect(await queueOf("guests_sup")).toBe(0);
      await erl.eval("sys:resume(guests_sup)");
      await erl.eval("supervisor:start_child(guests_sup, [dan])");
      expect(await again()).toBe("children");
      expect(guests.children).toHaveLength(4);
      const dan = await erl.eval(
        "[{_, P, _, _} | _] = lists:reverse(lists:keysort(2, supervisor:which_children(guests_sup))), P ! stop, P",
      );
      await vi.waitFor(async () => expect(await erl.eval(`length(supervisor:which_children(guests_sup))`)).toBe("3"));
      // It is struck through until the next look, and then it is no more.
      await again();
      expect(guests.children?.filter(({ isGone }) => isGone).map(({ item }) => item.type === "process" && item.key)).toEqual([
        dan,
      ]);
      await again();
      expect(guests.children).toHaveLength(3);
    });

    it("shows a child that has died while it was read as one that has ended, and all others", async () => {
      const tree = new ProcessTree();
      const aisle = await open(tree, "shop", "shop_sup", "aisle_sup");
      // The supervisor is held up, so that it still has the child that has died already.
      const [shelf] = aisle.children ?? [];
      await erl.eval("sys:suspend(aisle_sup)");
      await erl.eval(`exit(list_to_pid("${shelf?.item.type === "process" ? shelf.item.key : ""}"), kill)`);
      const { answers, facts } = await look([await remote.evaluate("{supervisor, whereis(shop_sup), none, 0}")], {
        Pids: (aisle.children ?? []).map(pidOf),
      });
      expect(answers).toMatchObject([{ type: "children" }]);
      tree.learn(facts);
      expect(aisle.children?.map(({ isGone }) => isGone)).toEqual([true, false, false]);
      expect(names(aisle)[0]).toBe("shelf_1");
      await erl.eval("sys:resume(aisle_sup)");
      await vi.waitFor(async () => expect(await ask(tree, aisle)).toMatchObject({ type: "children" }));
    });

    it("says of a supervisor that has gone that it has, and of one without children that it has none", async () => {
      const tree = new ProcessTree();
      const root = await open(tree, "shop", "shop_sup");
      await remote.evaluate(
        "supervisor:start_child(shop_sup, #{id => brief, type => supervisor, restart => temporary, start => {shop, sup, [brief_sup, {{one_for_one, 1, 5}, []}]}})",
      );
      await ask(tree, root);
      const brief = child(root, "brief_sup");
      await ask(tree, brief);
      expect(brief.note).toEqual({ type: "none" });
      await erl.eval("supervisor:terminate_child(shop_sup, brief)");
      expect(await ask(tree, brief)).toEqual({ type: "gone" });
      expect(brief.isGone).toBe(true);
    });

    it("follows the links of processes that are no supervisors, but not back to where they are", async () => {
      const tree = new ProcessTree();
      tree.withLinks = true;
      const root = await open(tree, "shop", "shop_sup");
      const [till, clerk] = [child(root, "till"), child(root, "clerk")];
      await remote.evaluate("Till ! {link, Clerk}, ok", { Till: pidOf(till), Clerk: pidOf(clerk) });
      await vi.waitFor(async () => {
        await ask(tree, till);
        expect(till.children).toHaveLength(1);
      });
      const [linked] = till.children ?? [];
      expect(linked?.item).toMatchObject({ edge: "linked", key: clerk.item.type === "process" && clerk.item.key });
      // Whoever started it is shown; the process that leads to it is not, once more.
      await ask(tree, linked as TreeNode);
      expect(names(linked as TreeNode)).toEqual([]);
      expect(linked?.note).toEqual({ type: "noLinks" });
    });

    it("reads the restart strategy of a supervisor, and says of anything else that it cannot be read", async () => {
      const text = async (name: string): Promise<string> =>
        strategyText(await remote.evaluate(`Pid = whereis(${name}), ${STRATEGY}`), WORDS);
      expect(await text("shop_sup")).toBe("one_for_one, at most 3 restarts in 10 s");
      expect(await text("aisle_sup")).toBe("one_for_all, at most 2 restarts in 7 s");
      expect(await text("code_server")).toMatch(/^It/);
      expect(strategyText(atom("timeout"), WORDS)).toBe("It did not answer within 1 s.");
    });

    it("finds the way to a process", async () => {
      const tree = new ProcessTree();
      const aisle = await open(tree, "shop", "shop_sup", "aisle_sup");
      const [shelf] = aisle.children ?? [];
      const found = await remote.evaluate(LOCATE, { Pid: pidOf(shelf as TreeNode) });
      const [name, above] = (found as Tuple).elements;
      expect(name).toBe(atom("shop"));
      // Above the root there are processes of the application master.
      expect((above as Pid[]).slice(0, 2)).toEqual([pidOf(aisle), pidOf(aisle.parent as TreeNode)]);
    });

    it("gives ids of children whole where they are to be redacted", async () => {
      const tree = new ProcessTree();
      const root = await open(tree, "shop", "shop_sup");
      await ask(tree, root, (term) => (term === atom("till") ? atom("hidden") : term));
      const items: readonly Item[] = (root.children ?? []).map(({ item }) => item);
      expect(items.map(nameOf)).toContain("hidden");
      expect(items.map(nameOf)).not.toContain("till");
    });
  });
}
