// What real nodes ask of a group leader of ours, and what we ask of theirs.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Epmd, type ErlNode, releases, startEpmd, startErl } from "../../../../test/support/otp.ts";
import { Atom, atom, charlist, encode, type Pid, tuple } from "../etf/index.ts";
import { tcp } from "../transports/nodejs.ts";
import { EOF, io, IoServer, type IoServerOptions } from "./io.ts";
import { logText } from "./log-text.ts";
import { ErlangNode } from "./node.ts";
import type { LogEvent } from "./node-events.ts";
import type { Process } from "./process.ts";

let count = 0;

describe.each(releases())("with OTP $otp", (release) => {
  let epmd: Epmd;
  let erl: ErlNode;
  let node: ErlangNode;
  let self: Process;
  let printed: string;

  beforeAll(async () => {
    epmd = await startEpmd();
    erl = await startErl({ release, epmd });
  });

  beforeEach(async () => {
    const name = `io${process.pid}x${++count}@127.0.0.1`;
    node = await ErlangNode.start({ name, cookie: "secret", connect: tcp({ epmdPortNo: epmd.portNo }) });
    await node.connect(erl.name);
    self = node.spawn();
    printed = "";
  });

  afterEach(async () => {
    await node.stop();
    await vi.waitUntil(async () => (await erl.eval("nodes(connected)")) === "[]");
  });

  afterAll(async () => {
    await erl.stop();
    await epmd.stop();
  });

  const device = (options: IoServerOptions = {}): IoServer =>
    new IoServer(node.spawn(), { write: (more) => void (printed += more), ...options });

  const pidThere = (pid: Pid): string => `binary_to_term(base64:decode("${Buffer.from(encode(pid)).toString("base64")}"))`;

  /** What the expressions give in a process there whose group leader is ours. */
  const run = ({ pid }: IoServer, expressions: string): Promise<string> =>
    erl.eval(`
      Leader = ${pidThere(pid)}, Asking = self(), Ref = make_ref(),
      spawn(fun() -> group_leader(Leader, self()), Asking ! {Ref, try ${expressions} catch Class:Reason -> {Class, Reason} end} end),
      receive {Ref, Result} -> Result after 10000 -> nothing end`);

  it("[C68] prints what a process there prints", async () => {
    const ours = device();
    expect(await run(ours, `io:put_chars("a α ")`)).toBe("ok");
    expect(await run(ours, `io:format("~p ~ts~n", [{ok, "b"}, [946]])`)).toBe("ok");
    expect(await run(ours, `io:write({c, 1.0}), io:nl(), io:fwrite("d")`)).toBe("ok");
    expect(await run(ours, `file:write(group_leader(), <<233>>)`)).toBe("ok");
    expect(await run(ours, `io:requests([{put_chars, unicode, "1"}, nl, {format, "~w", [x]}])`)).toBe("ok");
    expect(printed).toBe('a α {ok,"b"} β\n{c,1.0}\ndé1\nx');
  });

  it("[C68] leaves to the node what is not known here, and tells of formats that do not fit", async () => {
    const ours = device();
    expect(await run(ours, `io:format("~P|~kp|", [lists:seq(1, 100), 3, 1])`)).toMatch(
      Number(release.otp) >= 26 ? /^ok$/ : /badarg/,
    );
    expect(await run(ours, `io:format("~P|", [lists:seq(1, 100), 3])`)).toBe("ok");
    expect(await run(ours, `io:format("~W|", [{a, {b, {c}}}, 3])`)).toBe("ok");
    expect(await run(ours, `io:request(group_leader(), {put_chars, unicode, string, join, [["x", "y"], "-"]})`)).toBe("ok");
    expect(printed).toMatch(/\[1,2\|\.\.\.\]\|\{a,\{\.\.\.\}\}\|x-y$/);
    expect(await run(ours, `io:format("~b", [x])`)).toMatch(/^\{error,(badarg|format)\}$/);
    expect(await run(ours, `io:request(group_leader(), {put_chars, unicode, string, none, []})`)).toBe("{error,none}");
    expect(await run(ours, "io:request(group_leader(), dance)")).toBe("{error,request}");
  });

  it("[C68] reads lines, characters, formats, terms and passwords", async () => {
    const ours = device();
    ours.push('first ä\nchars 12 abc\n{term, "é",\n 1.5}. rest\nsecret\n');
    expect(await run(ours, `io:get_line("> ")`)).toBe('"first ä\\n"');
    expect(await run(ours, `io:get_chars("> ", 5)`)).toBe('"chars"');
    expect(await run(ours, `io:fread("> ", "~d ~s")`)).toBe('{ok,[12,"abc"]}');
    expect(await run(ours, `io:read("> ")`)).toBe('{ok,{term,"é",1.5}}');
    expect(await run(ours, `io:get_line("")`)).toBe('"rest\\n"');
    expect(await run(ours, "io:get_password(group_leader())")).toBe('"secret"');
    expect(printed).toBe("");
    ours.push("not a number\n{bad}} .\nnext\n");
    expect(await run(ours, `io:fread("", "~d")`)).toBe("{error,{fread,integer}}");
    expect(await run(ours, `{element(1, io:read("")), io:get_line("")}`)).toBe('{error,"next\\n"}');
  });

  it("[C68] shows prompts and waits for the user, or asks a reader", async () => {
    const ours = device();
    const line = run(ours, `io:get_line('name? ')`);
    await expect.poll(() => printed).toBe("name? ");
    ours.push("Ada\n");
    expect(await line).toBe('"Ada\\n"');
    const asking = device({ read: (prompt) => `answer to ${prompt}` });
    expect(await run(asking, `io:get_line("q")`)).toBe('"answer to q\\n"');
    expect(await run(device({ read: () => EOF }), `{io:get_line(""), io:fread("", "~d"), io:read("")}`)).toMatch(
      /^\{eof,eof,(eof|\{eof,)/,
    );
    expect(await run(device({ read: () => undefined }), `{io:get_line(""), io:read("")}`)).toBe(
      "{{error,terminated},{error,terminated}}",
    );
  });

  it("[C68] keeps options, and tells the size of the terminal", async () => {
    const ours = device({ columns: 132, rows: () => 40 });
    expect(await run(ours, "{io:columns(), io:rows()}")).toBe("{{ok,132},{ok,40}}");
    expect(await run(device(), "{io:columns(), io:rows()}")).toBe("{{error,enotsup},{error,enotsup}}");
    expect(await run(ours, "proplists:get_value(encoding, io:getopts())")).toBe("unicode");
    expect(await run(ours, "io:setopts([binary, {encoding, unicode}])")).toBe("ok");
    expect(await run(ours, "io:setopts([{dance, true}])")).toBe("{error,enotsup}");
    expect(await run(ours, "proplists:get_value(binary, io:getopts())")).toBe("true");
    ours.push("α\nβ\n");
    expect(await run(ours, `[unicode:characters_to_list(io:get_line("")), is_binary(io:get_line(""))]`)).toBe("[[945,10],true]");
  });

  it("tells a reader that the device is gone", async () => {
    const ours = device();
    const line = run(ours, `io:get_line("> ")`);
    await expect.poll(() => printed).toBe("> ");
    ours.stop();
    expect(await line).toBe("{error,terminated}");
  });

  it("[C69] is the group leader of what our processes start, and of a shell, whose end leaves the node alone", async () => {
    const ours = device();
    self.groupLeader = ours.pid;
    await self.spawnRequest(erl.name, "io", "format", [charlist("from ~p~n"), [atom("there")]]);
    await expect.poll(() => printed).toBe("from there\n");
    printed = "";
    const shell = await self.spawnRequest(erl.name, "shell", "server", [false, false], { monitor: true });
    ours.push("X = 20 + 1,\n");
    ours.push("X * 2.\n");
    await expect.poll(() => printed, { timeout: 5_000 }).toContain("42\n");
    ours.terminate();
    expect(String(await self.receive(undefined, { timeoutMs: 5_000 }))).toContain(String(shell));
    expect(await erl.eval("1 + 1")).toBe("2");
  });

  it("[C70] takes a shell along when the connection is lost, and what it was evaluating, if it is linked to it", async () => {
    const ours = device();
    self.groupLeader = ours.pid;
    await self.spawnRequest(erl.name, "shell", "server", [false, false], { link: true });
    ours.push("self() ! hello, receive never -> ok end.\n");
    const led = (): Promise<string> =>
      erl.eval("length([P || P <- processes(), {group_leader, G} <- [process_info(P, group_leader)], node(G) =/= node()])");
    // The shell and its evaluator.
    await expect.poll(led).toBe("2");
    await node.disconnect(erl.name);
    await expect.poll(led, { timeout: 5_000 }).toBe("0");
  });

  it("[C49] becomes the group leader of a process that is there already", async () => {
    const ours = device();
    await erl.eval(`register(teller, spawn(fun() -> receive go -> io:format("led ~p~n", [here]) end end))`);
    const teller = (await node.erpc(erl.name, "erlang", "whereis", [atom("teller")])) as Pid;
    self.setGroupLeader(teller, ours.pid);
    self.send(teller, atom("go"));
    await expect.poll(() => printed).toBe("led here\n");
    // One of our own.
    const other = node.spawn();
    self.setGroupLeader(other.pid);
    expect(other.groupLeader).toBe(self.pid);
  });

  it("[C49] a process of ours has the group leader that it is given, and prints and reads there", async () => {
    await erl.eval(`group_leader(whereis(user), ${pidThere(self.pid)})`);
    await vi.waitUntil(() => self.groupLeader.node.name === erl.name);
    await io.format(self, self.groupLeader, "from ~ts ~p~n", ["js α", tuple(1, atom("b"))]);
    await io.putChars(self, self.groupLeader, "and more\n");
    await vi.waitUntil(() => erl.output().includes("and more"));
    expect(erl.output()).toMatch(/from js (α|\\x\{3B1\}) \{1,b\}\nand more/);
    await expect(io.format(self, self.groupLeader, "~b", ["x"])).rejects.toMatchObject({
      class: "error",
      reason: expect.any(Atom),
    });
    const device = self.receive();
    await erl.eval(`{ok, F} = file:open("/dev/null", [read, write]), ${pidThere(self.pid)} ! F, register(device, F)`);
    expect(await io.getLine(self, (await device) as Pid, "> ")).toBe(EOF);
    await erl.eval("file:close(whereis(device))");
    await expect(io.getLine(self, (await device) as Pid, "> ")).rejects.toMatchObject({ reason: atom("terminated") });
  });

  it("[C71] the node tells of errors and log messages of processes whose group leader is ours", async () => {
    const logs: LogEvent[] = [];
    node.addEventListener("log", (event) => void logs.push(event));
    self.groupLeader = device().pid;
    await self.spawnRequest(erl.name, "erlang", "error", [atom("oops")]);
    await vi.waitUntil(() => logs.length === 1);
    expect(logs[0]?.level).toBe("error");
    expect(logText(logs[0] as LogEvent)).toMatch(/^Error in process <.*> on node '.*' with exit value:\noops\n|\{oops,/);
    await self.spawnRequest(erl.name, "logger", "error", [charlist("boo ~p"), [atom("x")]]);
    await self.spawnRequest(erl.name, "error_logger", "info_msg", [charlist("told ~w"), [1]]);
    await self.spawnRequest(erl.name, "proc_lib", "spawn", [atom("erlang"), atom("error"), [atom("crash")]]);
    await vi.waitUntil(() => logs.length === 4);
    const texts = logs.map((log) => logText(log));
    expect(texts).toEqual(expect.arrayContaining(["boo x", "told 1", expect.stringContaining("proc_lib,crash")]));
    expect(logs.map(({ level }) => level).toSorted()).toEqual(["error", "error", "error", "notice"]);
  });
});
