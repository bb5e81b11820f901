// The links of one process (erl_dist_protocol, "Link Protocol"): for each other process whether the link is active, and
// if it is not, under which id we asked to remove it. Until that is acknowledged, what comes over the old link is ignored.
import type { Pid } from "../etf/index.ts";
import type { Key } from "./identifiers.ts";

interface Link {
  readonly pid: Pid;
  /** Of the UNLINK_ID that has not been acknowledged; undefined: the link is active. */
  unlinkId: bigint | undefined;
}

const MAX_UNLINK_ID = 2n ** 64n - 1n;

/** Ids for UNLINK_ID: 1 to 2^64 - 1, one counter for a node. */
export class UnlinkIds {
  #last = 0n;

  next(): bigint {
    this.#last = this.#last === MAX_UNLINK_ID ? 1n : this.#last + 1n;
    return this.#last;
  }
}

export class LinkTable {
  readonly #links = new Map<Key, Link>();
  readonly #key: (pid: Pid) => Key;

  constructor(key: (pid: Pid) => Key) {
    this.#key = key;
  }

  get size(): number {
    return this.#links.size;
  }

  /** The processes that we are linked to. */
  active(): Pid[] {
    return [...this.#links.values()].filter(({ unlinkId }) => unlinkId === undefined).map(({ pid }) => pid);
  }

  /** Every process in the table. */
  *identifiers(): Iterable<Pid> {
    for (const { pid } of this.#links.values()) yield pid;
  }

  /** We link; says whether LINK has to be sent. */
  link(pid: Pid): boolean {
    const link = this.#links.get(this.#key(pid));
    if (link !== undefined && link.unlinkId === undefined) return false;
    this.#links.set(this.#key(pid), { pid, unlinkId: undefined });
    return true;
  }

  /** We unlink; says whether UNLINK_ID has to be sent with this id. */
  unlink(pid: Pid, id: bigint): boolean {
    const link = this.#links.get(this.#key(pid));
    if (link === undefined || link.unlinkId !== undefined) return false;
    link.unlinkId = id;
    return true;
  }

  /** LINK came. While our own unlink is under way, it is ignored. */
  linked(pid: Pid): void {
    if (!this.#links.has(this.#key(pid))) this.#links.set(this.#key(pid), { pid, unlinkId: undefined });
  }

  /** UNLINK_ID came, to be acknowledged in any case. */
  unlinked(pid: Pid): void {
    if (this.#links.get(this.#key(pid))?.unlinkId === undefined) this.#links.delete(this.#key(pid));
  }

  /** UNLINK_ID_ACK came. */
  acknowledged(pid: Pid, id: bigint): void {
    if (this.#links.get(this.#key(pid))?.unlinkId === id) this.#links.delete(this.#key(pid));
  }

  /** An exit signal came over the link, which is gone with it; says whether it was active and the signal counts. */
  exited(pid: Pid): boolean {
    const link = this.#links.get(this.#key(pid));
    this.#links.delete(this.#key(pid));
    return link !== undefined && link.unlinkId === undefined;
  }

  /** The connection to a node is lost; gives those whose link was active. */
  lost(node: string): Pid[] {
    const pids = this.active().filter((pid) => pid.node.name === node);
    for (const [key, { pid }] of this.#links) if (pid.node.name === node) this.#links.delete(key);
    return pids;
  }

  clear(): void {
    this.#links.clear();
  }
}
