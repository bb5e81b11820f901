// What the node knows of one of its processes. `Process` is the handle to it that programs have.
import type { Pid, Reference, Term } from "../etf/index.ts";
import type { Key } from "./identifiers.ts";
import { LinkTable } from "./link-table.ts";
import type { Mailbox, Waiter } from "./mailbox.ts";

/** How long an alias lives: until unalias(), until demonitor() or DOWN, or also only for one message. */
export type AliasLife = "explicit_unalias" | "demonitor" | "reply" | "reply_demonitor";

export interface Alias {
  readonly ref: Reference;
  readonly life: AliasLife;
  readonly entry: ProcessEntry;
  /** Is offered what comes by the alias, before the mailbox has it. */
  readonly waiter: Waiter | undefined;
}

export class ProcessEntry {
  readonly pid: Pid;
  readonly mailbox: Mailbox;
  readonly links: LinkTable;
  /** Keys of the MonitorTable: monitors that this process holds, and that are held on it. */
  readonly monitoring: Set<Key> = new Set();
  readonly monitoredBy: Set<Key> = new Set();
  /** Keys of the SpawnRequestTable. */
  readonly spawning: Set<Key> = new Set();
  readonly names: Set<string> = new Set();
  /** Active aliases, by key. */
  readonly aliases: Map<Key, Alias> = new Map();
  groupLeader: Pid;
  trapExit = false;
  /** Set when the process has ended. */
  exitReason: Term | undefined;
  readonly onExit: ((reason: Term) => void)[] = [];

  /** The process leads its own group until it is given another leader. */
  constructor(pid: Pid, mailbox: Mailbox, key: (pid: Pid) => Key) {
    this.pid = pid;
    this.groupLeader = pid;
    this.mailbox = mailbox;
    this.links = new LinkTable(key);
  }
}
