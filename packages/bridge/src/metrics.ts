// What Prometheus reads (its text format, version 0.0.4). The format is a few lines for each of these few numbers, so it is written
// here. Labels come from closed sets only: what a page says must not make new ones.
import { BRIDGE_CLOSE } from "@erl-dist/core/transports/bridge-protocol";
import type { Flow } from "./link.ts";
import type { LinkRecord } from "./link-record.ts";

export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** The links that are there, as far as the numbers need them. */
export interface LiveLink {
  readonly toNode: Flow;
  readonly toPage: Flow;
}

const DIAL_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const LINK_SECONDS = [1, 10, 60, 600, 3_600, 21_600, 86_400];
const DIRECTIONS = [
  ["to_node", "toNode", "toNodeBytes"],
  ["to_page", "toPage", "toPageBytes"],
] as const;

export class Metrics {
  readonly #ends = new Map<string, number>();
  readonly #bytes: Record<"toNodeBytes" | "toPageBytes", number> = { toNodeBytes: 0, toPageBytes: 0 };
  readonly #dial = new Histogram(DIAL_SECONDS);
  readonly #handshake = new Histogram(DIAL_SECONDS);
  readonly #life = new Histogram(LINK_SECONDS);
  #opened = 0;

  /** A WebSocket has come. */
  opened(): void {
    this.#opened += 1;
  }

  /** It is gone. */
  ended(record: LinkRecord): void {
    const labels = `by="${record.by}",code="${codeOf(record)}"`;
    this.#ends.set(labels, (this.#ends.get(labels) ?? 0) + 1);
    for (const [, , field] of DIRECTIONS) this.#bytes[field] += record[field];
    if (record.dialMs !== undefined) this.#dial.observe(record.dialMs / 1_000);
    if (record.handshakeMs !== undefined) this.#handshake.observe(record.handshakeMs / 1_000);
    this.#life.observe(record.durationMs / 1_000);
  }

  /** All of it, with what the links hold now. */
  text(links: Iterable<LiveLink>): string {
    const live = [...links];
    const lines: string[] = [];
    const metric = (
      name: string,
      type: string,
      help: string,
      values: Iterable<readonly [labels: string, value: number]>,
    ): void => {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
      for (const [labels, value] of values) lines.push(`${name}${labels === "" ? "" : `{${labels}}`} ${value}`);
    };
    metric("erl_bridge_links", "gauge", "WebSockets that are there, refused ones included until they are gone.", [
      ["", live.length],
    ]);
    metric("erl_bridge_links_opened_total", "counter", "WebSockets that have come.", [["", this.#opened]]);
    metric("erl_bridge_links_ended_total", "counter", "WebSockets that are gone, by whose doing and close code.", this.#ends);
    metric(
      "erl_bridge_bytes_total",
      "counter",
      "Bytes passed on.",
      DIRECTIONS.map(([label, side, field]) => [
        `direction="${label}"`,
        live.reduce((sum, link) => sum + link[side].bytes, this.#bytes[field]),
      ]),
    );
    metric(
      "erl_bridge_buffered_bytes",
      "gauge",
      "Bytes that wait here for the receiver.",
      DIRECTIONS.map(([label, side]) => [`direction="${label}"`, live.reduce((sum, link) => sum + link[side].bufferedBytes, 0)]),
    );
    metric(
      "erl_bridge_paused_links",
      "gauge",
      "Links whose sender has to wait for the receiver.",
      DIRECTIONS.map(([label, side]) => [`direction="${label}"`, live.filter((link) => link[side].paused).length]),
    );
    for (const [name, help, histogram] of [
      ["erl_bridge_dial_seconds", "Time until a node was reached.", this.#dial],
      ["erl_bridge_handshake_seconds", "Time until a handshake was over, where the bridge looks at it.", this.#handshake],
      ["erl_bridge_link_seconds", "How long links lasted.", this.#life],
    ] as const) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...histogram.lines(name));
    }
    metric("process_resident_memory_bytes", "gauge", "Resident memory.", [["", process.memoryUsage.rss()]]);
    metric("process_uptime_seconds", "gauge", "Time since the start.", [["", process.uptime()]]);
    return `${lines.join("\n")}\n`;
  }
}

class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count += 1;
    this.#bounds.forEach((bound, index) => {
      if (value <= bound) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    });
  }

  lines(name: string): string[] {
    return [
      ...this.#bounds.map((bound, index) => `${name}_bucket{le="${bound}"} ${this.#counts[index]}`),
      `${name}_bucket{le="+Inf"} ${this.#count}`,
      `${name}_sum ${this.#sum}`,
      `${name}_count ${this.#count}`,
    ];
  }
}

const OUR_CODES: ReadonlySet<number> = new Set(Object.values(BRIDGE_CLOSE).map(({ code }) => code));

/** A page may close with any code of its own, and there are thousands. */
function codeOf({ by, code }: LinkRecord): string {
  return by !== "page" || OUR_CODES.has(code) || code < 2_000 ? String(code) : "other";
}
