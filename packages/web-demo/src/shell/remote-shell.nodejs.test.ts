// What makes a remote shell hang, leak or take its node along, each against a real node. What it looks like is in golden.nodejs.test.ts.
import { type Connector, ErlangNode } from "@erl-dist/core";
import { tcp } from "@erl-dist/core/transports/nodejs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type ErlNode, releases, startErl } from "../../../../test/support/otp.ts";
import { elixirArguments } from "../../test/support/elixir.ts";
import { HeadlessScreen } from "../../test/support/screen.ts";
import { RemoteNode } from "../remote/remote-node.ts";
import { RemoteShell, type RemoteShellOptions } from "./remote-shell.ts";

const PATIENCE = { timeout: 20_000, interval: 10 };
const SIZE = { columns: 80, rows: 24 };
const hasElixir = process.env["OTP_MATRIX_DIR"] !== undefined;

for (const release of releases()) {
  describe.each(["erl", ...(hasElixir ? ["iex"] : [])] as ("erl" | "iex")[])(`a shell of OTP ${release.otp}: %s`, (kind) => {
    const isIex = kind === "iex";
    let erl: ErlNode;
    let node: ErlangNode;
    let screen: HeadlessScreen;
    let shell: RemoteShell;
    let reports: string[];
    /** All processes of the node while we are not connected. */
    let before: string;

    const connect: Connector = (peer, options) => tcp({ portNo: erl.portNo })(peer, options);
    const open = (options: Partial<RemoteShellOptions> = {}): Promise<RemoteShell> =>
      RemoteShell.start(new RemoteNode(node, erl.name), {
        terminal: screen,
        shell: kind,
        report: (problem) => void reports.push(problem),
        ...options,
      });
    const shows = (text: string | RegExp): Promise<void> =>
      vi.waitFor(() => expect(screen.shown).toMatch(text instanceof RegExp ? text : new RegExp(escape(text))), PATIENCE);
    /** Ends the line as the shell wants it. */
    const enter = (expression: string): void => shell.type(`${expression}${isIex ? "" : "."}\r`);
    const processes = (): Promise<string> => erl.eval("lists:sort(processes())");

    beforeAll(async () => {
      erl = await startErl({ release, args: isIex ? elixirArguments(release) : [] });
      // What the first of all shells starts on the node for good is not what a shell leaves behind.
      reports = [];
      screen = new HeadlessScreen(SIZE);
      node = await ErlangNode.start({ cookie: erl.cookie, connect });
      await node.connect(erl.name);
      shell = await open();
      enter(isIex ? "Enum.count([])" : "lists:seq(1, 2)");
      await shows(isIex ? /^0$/m : "[1,2]");
      await shell.close();
      await node.stop();
      await vi.waitUntil(async () => (await erl.eval("nodes(connected)")) === "[]", PATIENCE);
      before = await processes();
    });

    beforeEach(async () => {
      reports = [];
      screen = new HeadlessScreen(SIZE);
      node = await ErlangNode.start({ cookie: erl.cookie, connect });
      await node.connect(erl.name);
      shell = await open();
      await shows(/> ?$/m);
    });

    afterEach(async () => {
      await shell.close();
      await node.stop();
      screen.dispose();
      if (reports.length > 0) throw new Error(reports.join("\n"));
    });

    afterAll(async () => {
      await erl.stop();
    });

    it("[C69] has a prompt, evaluates, interrupts, completes, remembers, reads Unicode, and knows its size", async () => {
      enter("1+1");
      await shows(/^2$/m);
      shell.type(isIex ? "[700,\r800]\r" : "[700,\r800].\r");
      await shows(isIex ? "[700, 800]" : "[700,800]");
      enter(isIex ? "Process.sleep(:infinity)" : "timer:sleep(infinity)");
      await shows(/sleep\(/);
      shell.interrupt();
      await shows(isIex ? "interrupted" : "exception exit: killed");
      shell.type(isIex ? "Enum.flat_map_r\t" : "lists:revers\t");
      await shows(isIex ? "flat_map_reduce" : "lists:reverse(");
      shell.type("\x15");
      enter(isIex ? ":once" : "once");
      await shows(isIex ? /^:once$/m : /^once$/m);
      shell.type("\x1b[A");
      await vi.waitFor(() => expect(shell.line).toContain("once"), PATIENCE);
      shell.type("\r");
      await shows(/once[^]*once[^]*once[^]*once/);
      enter(isIex ? '"häß λ 日本"' : 'io:format("~ts~n", ["häß λ 日本"])');
      await shows(isIex ? /^"häß λ 日本"$/m : /^häß λ 日本$/m);
      await shell.resize(() => screen.terminal.resize(60, 20));
      enter(isIex ? ":io.columns" : "io:columns()");
      await shows(isIex ? "{:ok, 60}" : "{ok,60}");
    });

    it("[C70] leaves nothing on the node when it is closed, whatever it is doing", async () => {
      enter(isIex ? "Process.sleep(:infinity)" : "timer:sleep(infinity)");
      await shows("infinity)");
      await shell.close();
      expect(node.counts).toMatchObject({ links: 0, monitors: 0, spawnRequests: 0 });
      await node.stop();
      await vi.waitFor(async () => expect(await processes()).toBe(before), PATIENCE);
    });

    it.each(["is idle", "evaluates something that does not end", "has something that does not stop to compute"])(
      "[C70] leaves nothing on the node when the connection is lost while it %s",
      async (state) => {
        enter(isIex ? ":begun" : "begun");
        await shows(/begun[^]*begun/);
        if (state !== "is idle") {
          const loops = state.startsWith("has")
            ? { erl: "(fun Loop(N) -> Loop(N + 1) end)(0)", iex: "Stream.iterate(0, &(&1 + 1)) |> Stream.run()" }
            : { erl: "timer:sleep(infinity)", iex: "Process.sleep(:infinity)" };
          enter(loops[kind]);
          await shows(/Loop\(0|\(0\)|run\(\)|infinity\)/);
        }
        // Without a word to the processes there.
        await node.disconnect(erl.name);
        expect(String((await shell.ended).reason)).toBe("noconnection");
        await vi.waitFor(async () => expect(await processes()).toBe(before), PATIENCE);
        expect(node.counts).toMatchObject({ links: 0, monitors: 0, spawnRequests: 0 });
      },
    );

    it("[trap 1] answers the node that asks ours for the shell on TAB", async () => {
      enter(isIex ? "my_variable = 1" : "MyVariable = 1");
      await shows(/^1$/m);
      shell.type(isIex ? "my_v\t" : "MyV\t");
      // Only some releases complete variables; none may hang.
      shell.type("\x15");
      enter(isIex ? ":still_there" : "still_there");
      await shows(/^:?still_there$/m);
      expect(reports).toEqual([]);
    });

    it("[trap 2] is a group leader that answers, on Alt-h for one", async () => {
      shell.type(isIex ? "Enum.count\x1bh" : "lists:reverse(\x1bh");
      shell.type("\x15");
      enter(isIex ? ":still_there" : "still_there");
      await shows(/^:?still_there$/m);
      expect(reports).toEqual([]);
    });

    it("[trap 3] acknowledges what is printed as this release wants it, when the terminal has taken it in", async () => {
      enter(isIex ? "for n <- 1..200, do: IO.puts(n)" : '[io:format("~p~n", [N]) || N <- lists:seq(1, 200)], done');
      await shows(/^200\n/m);
      await shows(isIex ? /:ok/ : /^done$/m);
      expect(reports).toEqual([]);
    });

    it("[trap 3] holds up who prints until the terminal is ready", async () => {
      let release = (): void => {};
      const ready = new Promise<void>((resolve) => (release = resolve));
      const slow = await open({
        terminal: {
          ...SIZE,
          write: async (text) => {
            await screen.write(text);
            if (text.includes("first")) await ready;
          },
        },
      });
      slow.type(
        isIex
          ? 'IO.puts("fir" <> "st"); IO.puts("sec" <> "ond")\r'
          : 'io:put_chars(["fir", "st\\n"]), io:put_chars(["sec", "ond\\n"]).\r',
      );
      await shows(/^first$/m);
      expect(screen.shown).not.toMatch(/^second$/m);
      release();
      await shows(/^second$/m);
      await slow.close();
    });

    it("[trap 4] shows bytes as Latin-1, and colours that come by name", async () => {
      if (isIex) enter(":io.request(:erlang.group_leader(), {:put_chars, :latin1, [228, ?\\n]})");
      else enter("io:request(group_leader(), {put_chars, latin1, [228, $\\n]})");
      // In OTP 25 the shell of a node shows them so itself.
      await shows(/^(ä|Ã¤)$/m);
      const hasColours = (await erl.eval("code:ensure_loaded(io_ansi)")) === "{module,io_ansi}";
      if (hasColours) enter(isIex ? ':io_ansi.fwrite([:red, "by name", "\\n"])' : 'io_ansi:fwrite([red, "by name", "\\n"])');
      else enter(isIex ? 'IO.puts("by name")' : 'io:put_chars("by name\\n")');
      await shows(/^by name$/m);
      expect(reports).toEqual([]);
    });

    it("[trap 5] shows what other processes print above the line that is typed, or behind it, as this release means it", async () => {
      enter(
        isIex
          ? 'spawn(fn -> receive do after 300 -> IO.puts("from elsewhere") end end); :ok'
          : 'G = group_leader(), spawn(fun() -> receive after 300 -> io:put_chars(G, "from elsewhere\\n") end end), ok',
      );
      await shows(/^:?ok$/m);
      shell.type(isIex ? ":typ" : "typ");
      await shows(/^from elsewhere$/m);
      shell.type(isIex ? "ed\r" : "ed.\r");
      await shows(/^:?typed$/m);
      expect(reports).toEqual([]);
    });

    it("[trap 6] starts each time", async () => {
      for (let times = 0; times < 5; times++) {
        const another = await open();
        await another.close();
      }
      enter("1+1");
      await shows(/^2$/m);
      expect(reports).toEqual([]);
    });

    it("[trap 7] never ends the input, which would stop some nodes", async () => {
      shell.type("\x04");
      shell.type("\x15");
      enter(isIex ? ":alive" : "alive");
      await shows(/^:?alive$/m);
      await shell.close();
      expect(await erl.eval("alive")).toBe("alive");
    });

    it("[trap 8] sends no data without characters, which would make some groups spin", async () => {
      shell.type("");
      shell.paste("");
      enter("1+1");
      await shows(/^2$/m);
      const busy = "[P || P <- processes(), P =/= self(), {status, running} =:= process_info(P, status)]";
      expect(await erl.eval(busy)).toBe("[]");
    });

    it("[trap 9] pastes tabs as blanks, and any line break as Enter", async () => {
      shell.paste(isIex ? "{1,\t2}\r\n{3,\t4}\n" : "{1,\t2}.\r\n{3,\t4}.\n");
      await shows(isIex ? /^\{1, 2\}$[^]*^\{3, 4\}$/m : /^\{1,2\}$[^]*^\{3,4\}$/m);
      expect(reports).toEqual([]);
    });

    it("asks before a command stops the node, and keeps the line when the answer is no", async () => {
      const asked: string[] = [];
      const careful = await open({
        confirm: (command) => {
          asked.push(command);
          return false;
        },
      });
      careful.type(isIex ? "System.halt()\r" : "q().\r");
      await vi.waitFor(() => expect(careful.line).toContain(isIex ? "System.halt()" : "q()."), PATIENCE);
      expect(asked).toEqual([isIex ? "System.halt" : "q()"]);
      expect(await erl.eval("alive")).toBe("alive");
      await careful.close();
    });

    // Each of these is a mistake, so that the node would live through it; what is asked is what counts.
    it.each([
      ["from the history", "", "\x1b[A\r"],
      ["with the cursor moved back in it", isIex ? "System.hal(1, 2)" : "init:sop(1, 2).", ""],
      ["killed and yanked", isIex ? "System.halt(1, 2)" : "init:stop(1, 2).", "\x15\x19\r"],
      ["with blanks", isIex ? "  System . halt( 1, 2 )" : "  init : stop ( 1, 2 ) .", "\r"],
      ["in two lines", isIex ? "System.\rhalt(1, 2)" : "init:\rstop(1, 2).", "\r"],
      ["in a pipeline or a list", isIex ? "1 |> System.halt(2)" : "[init:stop(1, 2)].", "\r"],
    ])("asks before a command stops the node: %s", async (where, line, keys) => {
      const asked: string[] = [];
      let answer = where === "from the history";
      const careful = await open({
        confirm: (command) => {
          asked.push(command);
          return answer;
        },
      });
      await vi.waitFor(() => expect(careful.line).toContain(">"), PATIENCE);
      if (where === "from the history") {
        careful.type(isIex ? "System.halt(1, 2)\r" : "init:stop(1, 2).\r");
        await shows(/undef[^]*> ?\n\[row/);
        asked.length = 0;
        answer = false;
        careful.type(keys);
      } else if (where.startsWith("with the cursor")) {
        careful.type(line + (isIex ? `${"\x1b[D".repeat(6)}t` : `${"\x1b[D".repeat(9)}t`));
        careful.type("\r");
      } else careful.type(line + keys);
      const expected = isIex ? "System.halt" : "init:stop(1,2)";
      await vi.waitFor(() => expect(asked).toEqual([expected]), PATIENCE);
      careful.type("\x05\x15");
      await careful.close();
    });

    it("interrupts what prints without end", async () => {
      enter(
        isIex
          ? 'Stream.repeatedly(fn -> IO.puts("flood") end) |> Stream.run()'
          : '(fun Flood() -> io:put_chars("flood\\n"), Flood() end)()',
      );
      await shows(/^flood\nflood$/m);
      shell.interrupt();
      await shows(isIex ? "interrupted" : "exception exit: killed");
      enter(isIex ? ":calm" : "calm");
      await shows(/^:?calm$/m);
      expect(reports).toEqual([]);
    });

    it("says why a shell ended that ends itself", async () => {
      enter(isIex ? ":erlang.exit(:erlang.group_leader(), :kill)" : "exit(group_leader(), kill)");
      expect(String((await shell.ended).reason)).toBe("killed");
      expect(shell.line).toBeTypeOf("string");
    });
  });
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
