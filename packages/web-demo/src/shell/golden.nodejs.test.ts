// What our shell shows is what the node's own remote shell shows in a real terminal: the same keys to both, and the same screen and
// cursor after each step. With the releases of the matrix all scripts are played, else only some, in Erlang's shell.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Epmd, type ErlNode, releases, startEpmd, startErl } from "../../../../test/support/otp.ts";
import { elixirArguments } from "../../test/support/elixir.ts";
import { ERLANG_SCRIPTS, IEX_SCRIPTS } from "../../test/support/scripts.ts";
import { PATIENCE, ShellPair } from "../../test/support/shells.ts";

const isWhole = process.env["OTP_MATRIX_DIR"] !== undefined;
const SHORT = [
  "a sum",
  "an expression of several lines",
  "a completed function",
  "characters beyond Latin-1",
  "text that is read",
];
const SHELLS = [
  {
    kind: "erl",
    command: "erl -remsh",
    scripts: isWhole
      ? ERLANG_SCRIPTS
      : Object.fromEntries(Object.entries(ERLANG_SCRIPTS).filter(([name]) => SHORT.includes(name))),
  },
  ...(isWhole ? [{ kind: "iex", command: "iex --remsh", scripts: IEX_SCRIPTS } as const] : []),
] as const;
const SIZE = { columns: 80, rows: 24 };

describe.each(releases())("with OTP $otp", (release) => {
  let epmd: Epmd;

  beforeAll(async () => {
    epmd = await startEpmd();
  });

  afterAll(async () => {
    await epmd.stop();
  });

  describe.each(SHELLS)("as $command", ({ kind, scripts }) => {
    let erl: ErlNode;
    // One pair plays all scripts, one after the other, unless something went wrong in between.
    let pair: ShellPair | undefined;

    beforeAll(async () => {
      // With IEx on it a node has other prompts in Erlang's shell too, of which the terminal's own node knows nothing.
      erl = await startErl({ release, epmd, args: kind === "iex" ? elixirArguments(release) : [] });
    });

    afterAll(async () => {
      await pair?.[Symbol.asyncDispose]();
      await erl.stop();
    });

    it.each(Object.entries(scripts))("shows %s", async (_name, steps) => {
      pair ??= await ShellPair.start(release, epmd, erl, kind, SIZE);
      try {
        await pair.play(steps, ({ ours, real }) => vi.waitFor(() => expect(ours.shown).toBe(real.shown), PATIENCE));
      } catch (error) {
        await pair[Symbol.asyncDispose]();
        pair = undefined;
        throw error;
      }
    });
  });
});
