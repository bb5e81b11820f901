// A shell whose group leader we are, against real nodes.
import { ErlangNode } from "@erl-dist/core";
import { tcp } from "@erl-dist/core/transports/nodejs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ErlNode, releases, startErl } from "../../../../test/support/otp.ts";
import { elixirArguments } from "../../test/support/elixir.ts";
import { RemoteNode } from "../remote/remote-node.ts";
import { LineShell } from "./line-shell.ts";

const PATIENCE = { timeout: 10_000, interval: 10 };
const hasElixir = process.env["OTP_MATRIX_DIR"] !== undefined;

for (const release of releases()) {
  describe.each(["erl", ...(hasElixir ? ["iex"] : [])] as ("erl" | "iex")[])(
    `a shell line by line of OTP ${release.otp}: %s`,
    (kind) => {
      const isIex = kind === "iex";
      let erl: ErlNode;
      const processes = (): Promise<string> => erl.eval("lists:sort(processes())");

      beforeAll(async () => {
        erl = await startErl({ release, args: isIex ? elixirArguments(release) : [] });
      });
      afterAll(() => erl.stop());

      it("evaluates, reads, interrupts, and leaves nothing", async () => {
        let printed = "";
        const prompts: string[] = [];
        const open = async (): Promise<{ node: ErlangNode; shell: LineShell }> => {
          const node = await ErlangNode.start({ cookie: erl.cookie, connect: tcp({ portNo: erl.portNo }) });
          await node.connect(erl.name);
          const shell = await LineShell.start(new RemoteNode(node, erl.name), {
            shell: kind,
            print: (text) => void (printed += text),
            ask: (prompt) => void prompts.push(prompt),
          });
          return { node, shell };
        };
        const shows = (text: string | RegExp): Promise<void> => vi.waitFor(() => expect(printed).toMatch(text), PATIENCE);
        const end = isIex ? "" : ".";

        const first = await open();
        first.shell.enter(`1 + 1${end}`);
        await shows(/^2$/m);
        await first.shell.close();
        await first.node.stop();
        await vi.waitUntil(async () => (await erl.eval("nodes(connected)")) === "[]", PATIENCE);
        const before = await processes();

        const { node, shell } = await open();
        shell.enter(isIex ? 'IO.gets("name? ")' : 'io:get_line("name? ").');
        await vi.waitFor(() => expect(prompts).toContain("name? "), PATIENCE);
        shell.enter("joe");
        await shows(/"joe\\n"/);
        const completions = isIex
          ? { "Enum.flat_map_r": "educe", "String.no_such": "" }
          : { "lists:revers": "e(", "X = lists:keyreplac": "e(", "lists:no_such": "" };
        for (const [before, insert] of Object.entries(completions)) {
          expect(await shell.complete(before)).toMatchObject({ insert });
        }
        const several = await shell.complete(isIex ? "Enum.flat_map" : "lists:key");
        expect(several.candidates.join(" ")).toMatch(isIex ? /flat_map.*flat_map_reduce/ : /keydelete.*keysort/);
        // Formats are applied here, with what only the node can show.
        shell.enter(isIex ? "self()" : 'io:format("~p ~ts~n", [self(), "λ"]).');
        await shows(isIex ? /#PID<\d+\.\d+\.\d+>/ : /<\S+\.\d+\.\d+> λ/);
        shell.enter(isIex ? 'IO.puts("begun"); Process.sleep(:infinity)' : 'io:put_chars("begun\\n"), timer:sleep(infinity).');
        await shows(/^begun$/m);
        shell.interrupt();
        await shows(isIex ? "interrupted" : "exception exit: killed");
        shell.enter(isIex ? ":later" : "later.");
        await shows(/^:?later$/m);
        await shell.close();
        expect(node.counts).toMatchObject({ links: 0, monitors: 0, spawnRequests: 0 });
        await node.stop();
        await vi.waitFor(async () => expect(await processes()).toBe(before), PATIENCE);
      });
    },
  );
}
