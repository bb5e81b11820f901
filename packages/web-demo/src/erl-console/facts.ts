// The figures in the header: what the node is, and how it does.
import { atom, type Term, Tuple } from "@erl-dist/core";
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { NodeFeatures } from "../remote/features.ts";
import type { RemoteNode } from "../remote/remote-node.ts";

export interface Facts {
  readonly features?: NodeFeatures | undefined;
  readonly uptimeMs?: number | undefined;
  readonly memoryBytes?: number | undefined;
  readonly runQueue?: number | undefined;
  readonly processes?: number | undefined;
  /** Last round trip in milliseconds; `"pang"` when the ping failed; undefined before the first. */
  readonly roundTrip?: number | "pang" | undefined;
  /** It takes so long that a person waits; told as soon as an answer is overdue. */
  readonly isSlow?: boolean;
  /** What waited here to be sent when an answer was overdue. */
  readonly behindBytes?: number;
}

const SLOW_MS = 500;

const NO_FACTS: Facts = {};

/** Asks for them while there is a node, and somebody to see them. */
export class FactsController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #intervalMs: () => number;
  #remote: RemoteNode | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #facts: Facts = NO_FACTS;

  constructor(host: ReactiveControllerHost, intervalMs: () => number) {
    this.#host = host;
    this.#intervalMs = intervalMs;
    host.addController(this);
  }

  get facts(): Facts {
    return this.#facts;
  }

  /** Another node, or none: the figures of the last one go with it. */
  follow(remote: RemoteNode | undefined): void {
    if (remote === this.#remote) return;
    clearTimeout(this.#timer);
    this.#remote = remote;
    this.#facts = NO_FACTS;
    if (remote !== undefined) void this.#look(remote);
  }

  hostDisconnected(): void {
    this.follow(undefined);
  }

  /** The round trip of Erlang's own ping in milliseconds; undefined when there is no connection or no answer. */
  async ping(): Promise<number | undefined> {
    const remote = this.#remote;
    if (remote === undefined) return undefined;
    const overdue = setTimeout(
      () => this.#learned(remote, { isSlow: true, behindBytes: remote.local.bufferedBytes(remote.name) }),
      SLOW_MS,
    );
    const roundTrip = await remote.ping();
    clearTimeout(overdue);
    this.#learned(remote, {
      roundTrip: roundTrip ?? "pang",
      isSlow: (roundTrip ?? 0) > SLOW_MS,
      behindBytes: 0,
    });
    return roundTrip;
  }

  async #look(remote: RemoteNode): Promise<void> {
    if (remote !== this.#remote) return;
    if (!document.hidden || this.#facts.features === undefined) {
      try {
        // First, since it tells at once that no answer comes.
        await this.ping();
        // What it has is asked once.
        this.#learned(remote, { features: await remote.features(), ...figures(await remote.batch(QUESTIONS)) });
      } catch {
        // The state of the connection says it, and a node that is too busy is asked again. One that is no Erlang has no such figures.
      }
    }
    if (remote === this.#remote) this.#timer = setTimeout(() => void this.#look(remote), this.#intervalMs());
  }

  #learned(remote: RemoteNode, facts: Facts): void {
    if (remote !== this.#remote) return;
    this.#facts = { ...this.#facts, ...facts };
    this.#host.requestUpdate();
  }
}

const QUESTIONS: Parameters<RemoteNode["batch"]>[0] = [
  ["erlang", "statistics", [atom("wall_clock")]],
  ["erlang", "memory", [atom("total")]],
  ["erlang", "statistics", [atom("total_run_queue_lengths_all")]],
  ["erlang", "system_info", [atom("process_count")]],
];

function figures([wallClock, memory, runQueue, processes]: readonly Term[]): Facts {
  const uptime = wallClock instanceof Tuple ? wallClock.at(0) : undefined;
  return {
    uptimeMs: Number(uptime),
    memoryBytes: Number(memory),
    runQueue: Number(runQueue),
    processes: Number(processes),
  };
}
