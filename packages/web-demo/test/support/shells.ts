// The same shell twice: as `erl -remsh` or `iex --remsh` shows it in a real terminal, and as ours does.
import { ErlangNode } from "@erl-dist/core";
import { tcp } from "@erl-dist/core/transports/nodejs";
import { vi } from "vitest";
import type { Epmd, ErlNode, Release } from "../../../../test/support/otp.ts";
import { RemoteNode } from "../../src/remote/remote-node.ts";
import { RemoteShell } from "../../src/shell/remote-shell.ts";
import { openPty, type Pty, type Size } from "./pty.ts";
import { HeadlessScreen } from "./screen.ts";

export interface Step {
  /** Typed at one stroke in both: how keys are cut into messages can make a difference, to the node as well. */
  readonly keys?: string;
  /** Pasted: in one piece. */
  readonly paste?: string;
  readonly size?: Size;
  /** What both must show before the next step. */
  readonly shows?: string | RegExp;
}

/** What both show at one moment. */
export interface Screens {
  readonly ours: { readonly shown: string };
  /** `received` counts the characters that it has written to its terminal. */
  readonly real: { readonly shown: string; readonly received: number };
}

export const PATIENCE = { timeout: 6_000, interval: 20 };
const QUIET_LOOKS = 3;
const QUIET_MS = 25;
let count = 0;

export class ShellPair implements AsyncDisposable {
  readonly #size: Size;
  readonly #kind: "erl" | "iex";
  readonly #real: HeadlessScreen;
  readonly #ours: HeadlessScreen;
  readonly #node: ErlangNode;
  readonly shell: RemoteShell;
  readonly #pty: Pty;
  readonly #reports: string[];

  static async start(release: Release, epmd: Epmd, erl: ErlNode, kind: "erl" | "iex", size: Size): Promise<ShellPair> {
    const real = new HeadlessScreen(size);
    const ours = new HeadlessScreen(size);
    const name = `remsh${process.pid}x${++count}@127.0.0.1`;
    const command =
      kind === "erl"
        ? ["erl", "-start_epmd", "false", "-name", name, "-setcookie", erl.cookie, "-hidden", "-remsh", erl.name]
        : ["iex", "--erl", "-start_epmd false", "--name", name, "--cookie", erl.cookie, "--hidden", "--remsh", erl.name];
    // An editor that changes nothing, and a folder for its file that is there in each release's own root.
    const env = { ERL_EPMD_PORT: String(epmd.portNo), VISUAL: "true", TMPDIR: "/tmp" };
    const pty = await openPty([...release.prefix, ...command], size, env, (text) => void real.write(text));
    const node = await ErlangNode.start({ cookie: erl.cookie, connect: tcp({ portNo: erl.portNo }) });
    await node.connect(erl.name);
    const reports: string[] = [];
    const shell = await RemoteShell.start(new RemoteNode(node, erl.name), {
      terminal: ours,
      shell: kind,
      report: (problem) => void reports.push(problem),
    });
    const pair = new ShellPair({ size, kind, real, ours, node, shell, pty, reports });
    await pair.#both(/> ?$/m);
    return pair;
  }

  private constructor(parts: {
    readonly size: Size;
    readonly kind: "erl" | "iex";
    readonly real: HeadlessScreen;
    readonly ours: HeadlessScreen;
    readonly node: ErlangNode;
    readonly shell: RemoteShell;
    readonly pty: Pty;
    readonly reports: string[];
  }) {
    this.#size = parts.size;
    this.#kind = parts.kind;
    this.#real = parts.real;
    this.#ours = parts.ours;
    this.#node = parts.node;
    this.shell = parts.shell;
    this.#pty = parts.pty;
    this.#reports = parts.reports;
  }

  /** Plays the steps in both; `compare` is called after each. */
  async play(steps: readonly Step[], compare: (screens: Screens) => Promise<void>): Promise<void> {
    await this.#clear();
    for (const { keys, paste, size, shows } of steps) {
      if (size !== undefined) await this.#resize(size);
      if (keys !== undefined) {
        this.#pty.write(keys);
        this.shell.type(keys);
      }
      if (paste !== undefined) {
        this.#pty.write(paste.replaceAll("\n", "\r"));
        this.shell.paste(paste);
      }
      if (shows !== undefined) await this.#both(shows);
      await this.#settled();
      await compare({ ours: this.#ours, real: this.#real });
    }
    if (this.#reports.length > 0) throw new Error(this.#reports.join("\n"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shell.close();
    await this.#node.stop();
    await this.#pty.stop();
    this.#real.dispose();
    this.#ours.dispose();
  }

  /** Both begin with an empty window of the usual size: greetings differ, and a test should not see the one before. */
  async #clear(): Promise<void> {
    await this.#resize(this.#size);
    await Promise.all([this.#real.write("\x1bc"), this.#ours.write("\x1bc")]);
    const start = `start${++count}`;
    const keys = this.#kind === "erl" ? `${start}.\r` : `:${start}\r`;
    this.#pty.write(keys);
    this.shell.type(keys);
    await this.#both(new RegExp(`^:?${start}\\n.*> ?$`, "m"));
  }

  async #resize(size: Size): Promise<void> {
    if (size.columns === this.#ours.columns && size.rows === this.#ours.rows) return;
    await this.#pty.resize(size);
    this.#real.terminal.resize(size.columns, size.rows);
    await this.shell.resize(() => this.#ours.terminal.resize(size.columns, size.rows));
  }

  /** The real one has said what it has to say: a step that ends in nothing to wait for. */
  async #settled(): Promise<void> {
    let before: string | undefined;
    for (let same = 0; same < QUIET_LOOKS; same = before === this.#real.shown ? same + 1 : 0) {
      before = this.#real.shown;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    }
  }

  async #both(text: string | RegExp): Promise<void> {
    for (const [who, screen] of [
      ["the real one", this.#real],
      ["ours", this.#ours],
    ] as const) {
      await vi.waitFor(() => {
        const { shown } = screen;
        const isThere = typeof text === "string" ? shown.includes(text) : text.test(shown);
        if (!isThere) {
          throw new Error(
            `${who} does not show ${String(text)} but\n${shown}\nreal:\n${this.#real.shown}\nours:\n${this.#ours.shown}`,
          );
        }
      }, PATIENCE);
    }
  }
}
