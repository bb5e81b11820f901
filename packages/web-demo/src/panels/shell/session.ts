// One shell among those of a panel, whether it is shown in a terminal or line by line.
import { format, type Term } from "@erl-dist/core";
import type { TemplateResult } from "lit";
import type { RemoteNode } from "../../remote/remote-node.ts";
import type { Words } from "../../words.ts";
import type { PanelKey } from "../strings.ts";
import type { ShellKey } from "./strings.ts";
import type { ShellKind } from "../../shell/dialect.ts";

export type SessionState = "starting" | "running" | "ended" | "lost" | "failed";

export type ShellWords = Words<ShellKey | PanelKey>;

export const SESSION_STATES: Readonly<Record<SessionState, ShellKey>> = {
  starting: "shellStarting",
  running: "shellRunning",
  ended: "shellEnded",
  lost: "shellLost",
  failed: "shellFailed",
};

/** What a session needs of its panel. */
export interface SessionHost {
  readonly kind: ShellKind | "auto";
  readonly cspNonce: string;
  readonly words: ShellWords;
  /** Something is to be shown anew. */
  changed(): void;
  /** Whether a command that stops the node may go there. */
  confirm(command: string): Promise<boolean>;
  /** The text as a person has edited it. */
  edit(text: string): Promise<string>;
  /** A person wants to leave the terminal. */
  leave(): void;
  find(): void;
  problem(text: string): void;
}

export interface Session {
  readonly id: number;
  readonly state: SessionState;
  /** Everything that was shown, as text. */
  readonly text: string;
  /** A new shell on this node: after a loss it is another one, and what was shown before stays. */
  start(remote: RemoteNode): Promise<void>;
  /** The connection has gone, and the shell with it. */
  lost(): void;
  interrupt(): void;
  /** As if a person had typed it. */
  type(keys: string): void;
  clear(): void;
  close(): Promise<void>;
  focus(): void;
  view(): TemplateResult;
}

/** Why a shell is not there, in words. */
export function endText(reason: Term, words: ShellWords): string {
  const text = format(reason);
  const isUsual = ["normal", "die", "terminated", "shutdown"].includes(text);
  return isUsual ? words.say("shellHasEnded") : words.say("shellHasEndedBy", { reason: text });
}
