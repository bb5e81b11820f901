import { afterEach, expect, it } from "vitest";
import { atom, charlist, map, type Term, tuple } from "../etf/index.ts";
import { memoryNetwork } from "../transports/memory.ts";
import { logText } from "./log-text.ts";
import { ErlangNode } from "./node.ts";
import type { LogEvent } from "./node-events.ts";

const started: ErlangNode[] = [];
afterEach(() => Promise.all(started.splice(0).map((node) => node.stop())));

async function pair(): Promise<{ from: ErlangNode; to: ErlangNode }> {
  const network = memoryNetwork();
  const start = (name: string): Promise<ErlangNode> =>
    ErlangNode.start({ name, cookie: "secret", connect: network.connect, listen: network.listen });
  const [from, to] = [await start("a@memory"), await start("b@memory")];
  started.push(from, to);
  return { from, to };
}

const meta = map({ time: 1 });

it("tells of log messages from other nodes, in each of their forms", async () => {
  const { from, to } = await pair();
  const events: LogEvent[] = [];
  to.addEventListener("log", (event) => void events.push(event));
  to.addEventListener("log", () => undefined);
  const send = (...fields: Term[]): void => from.send({ name: "logger_proxy", node: "b@memory" }, tuple(atom("log"), ...fields));
  send(atom("error"), charlist("boo ~p"), [atom("x")], meta);
  send(atom("nonsense"));
  send(atom("info"), charlist("x"), 1, meta);
  send(atom("notice"), map({ what: 1 }), meta);
  await expect.poll(() => events.length).toBe(2);
  expect(events.map((event) => [event.level, logText(event)])).toEqual([
    ["error", "boo x"],
    ["notice", "    what: 1"],
  ]);
  expect(events[0]?.message).toEqual({ format: charlist("boo ~p"), args: [atom("x")] });
  expect(events[1]?.meta).toEqual(meta);
});

it("lets them vanish when nobody listens", async () => {
  const { from, to } = await pair();
  from.send({ name: "logger_proxy", node: "b@memory" }, tuple(atom("log"), atom("error"), charlist("x"), [], meta));
  expect(await from.ping("b@memory")).toBe(true);
  expect(to.whereis("logger_proxy")).toBeUndefined();
});

it.each<[string, Term, string]>([
  ["a map", map({ label: tuple(atom("a"), 1), text: charlist("hi") }), '    label: {a,1}\n    text: "hi"'],
  ["a list of pairs", [tuple(atom("reason"), atom("oops")), tuple(7, 8)], "    reason: oops\n    7: 8"],
  ["a wrapped format", map({ label: tuple(atom("error_logger"), atom("info_msg")), format: charlist("~w!"), args: [1] }), "1!"],
  ["any other term", [1, 2], "[1,2]"],
  ["nothing", [], "[]"],
])("makes text of a report that is %s", (_, report, text) => {
  expect(logText({ message: { report } })).toBe(text);
});

it("shows a format that does not fit its arguments", () => {
  expect(logText({ message: { format: charlist("~p"), args: [] } })).toBe('FORMAT ERROR: "~p" - []');
});
