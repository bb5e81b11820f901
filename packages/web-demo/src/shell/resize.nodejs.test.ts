// The window gets another width while a line of several rows is typed. When it does, the node's own remote shell writes nothing, in any
// release (prim_tty.erl takes note of the size, as ttsl_drv.c did): what is then seen is what the terminal makes of the old rows. xterm
// leaves the line with the cursor as it is and cuts it at the new width, so in a narrower window text is lost, and in a wider one the
// rows stay as long as they were while the shell counts with the new width: its next key goes to a wrong place. Ours draws the line
// anew. What is right for it is what the real one shows when its window had that width all along.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Epmd, type ErlNode, releases, startEpmd, startErl } from "../../../../test/support/otp.ts";
import { elixirArguments } from "../../test/support/elixir.ts";
import { PATIENCE, ShellPair } from "../../test/support/shells.ts";

const SIZE = { columns: 80, rows: 24 };
const LEFT = "\x1b[D";
const LINE = Array.from({ length: 12 }, (_, index) => `"${String(index).repeat(7)}"`).join(",");

interface Case {
  /** Ends with a Z, which is there when all of it has been typed. */
  readonly keys: string;
  /** Typed when the window has its new width; ends with a Y. */
  readonly after: string;
  /** Whether the line with the cursor is longer than the window was wide, so that the real terminal goes wrong. */
  readonly isLong: boolean;
}

const LINES: Readonly<Record<string, Case>> = {
  "with the cursor at its end": { keys: `[${LINE},Z`, after: `${LEFT}Y`, isLong: true },
  "with the cursor in its middle": { keys: `[${LINE},x${LEFT.repeat(60)}Z`, after: `${LEFT}${LEFT}Y`, isLong: true },
  "with the cursor in its first row": { keys: `[${LINE},x${LEFT.repeat(110)}Z`, after: "\x05\x7fY", isLong: true },
  "of wide characters": { keys: `["${"日本".repeat(30)}", xZ`, after: "界Y", isLong: true },
  "above a short one, which has the cursor": { keys: `[aaa,\r${LINE},\rZ`, after: `${LEFT}Y`, isLong: false },
};
const SHELLS = ["erl", ...(process.env["OTP_MATRIX_DIR"] === undefined ? [] : ["iex"])] as ("erl" | "iex")[];

describe.each(releases())("with OTP $otp", (release) => {
  let epmd: Epmd;
  beforeAll(async () => {
    epmd = await startEpmd();
  });
  afterAll(() => epmd.stop());

  describe.each(SHELLS)("in the shell %s", (kind) => {
    let erl: ErlNode;
    // As in golden.nodejs.test.ts: one pair for all, unless something went wrong in between.
    let pair: ShellPair | undefined;
    // Edlin's prompt for further lines is another one for the terminal's own node where IEx sets it (see IEX_SCRIPTS).
    const lines = Object.entries(LINES).filter(([, { isLong }]) => isLong || kind === "erl");

    beforeAll(async () => {
      erl = await startErl({ release, epmd, args: kind === "iex" ? elixirArguments(release) : [] });
    });

    const start = async (): Promise<ShellPair> => {
      const started = await ShellPair.start(release, epmd, erl, kind, SIZE);
      // From the tenth on prompts are equally long.
      const ten = (kind === "iex" ? ":ok\r" : "ok.\r").repeat(10);
      await started.play([{ keys: ten, shows: /1[0-9]> ?\n\[row/ }], async () => {});
      return started;
    };
    const playing = async (play: (shells: ShellPair) => Promise<void>): Promise<void> => {
      pair ??= await start();
      try {
        await play(pair);
      } catch (error) {
        await pair[Symbol.asyncDispose]();
        pair = undefined;
        throw error;
      }
    };

    afterAll(async () => {
      await pair?.[Symbol.asyncDispose]();
      await erl.stop();
    });

    describe.each([50, 100])("draws a line anew at %i columns", (columns) => {
      it.each(lines)("%s", async (_name, { keys, after, isLong }) => {
        const size = { columns, rows: 24 };
        const end = { keys: `\x05)${kind === "iex" ? "" : "."}\r`, shows: /yntax|rror|illegal/ };
        const right: string[] = [];
        await playing((shells) =>
          shells.play([{ size, keys, shows: "Z" }, { keys: after, shows: "Y" }, end], async ({ ours, real }) => {
            await vi.waitFor(() => expect(ours.shown).toBe(real.shown), PATIENCE);
            if (right.length < 2) right.push(plain(real.shown));
          }),
        );
        const seen: { readonly ours: string; readonly real: string; readonly received: number }[] = [];
        await playing((shells) =>
          shells.play([{ keys, shows: "Z" }, { size }, { keys: after, shows: "Y" }, end], async ({ ours, real }) => {
            const step = seen.length;
            // What the mistake is called has a number in it.
            if (step > right.length) return;
            await vi.waitFor(() => expect(plain(ours.shown)).toBe(step === 0 ? plain(real.shown) : right[step - 1]), PATIENCE);
            seen.push({ ours: plain(ours.shown), real: plain(real.shown), received: real.received });
          }),
        );
        const [typed, resized] = seen as [(typeof seen)[0], (typeof seen)[0]];
        expect(resized.received).toBe(typed.received);
        if (!isLong) {
          expect(resized.real).toBe(right[0]);
          return;
        }
        const text = characters(typed.real);
        expect(characters(resized.ours)).toBe(text);
        // The defect of the other one.
        if (columns < SIZE.columns) expect(characters(resized.real).length).toBeLessThan(text.length);
        else expect(rows(resized.real)).toBe(rows(typed.real));
      });
    });
  });
});

/** Numbers of what is evaluated go on from one to the next. */
function plain(shown: string): string {
  return shown.replaceAll(/start\d+/g, "start").replaceAll(/\d+>/g, "1>");
}

function rows(shown: string): string {
  return shown.replace(/\[row \d+, column \d+\]$/, "");
}

function characters(shown: string): string {
  return rows(shown).replaceAll(/\s/g, "");
}
