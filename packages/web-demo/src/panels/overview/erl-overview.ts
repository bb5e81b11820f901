import { atom, Export, type Pid } from "@erl-dist/core";
import { type CSSResult, css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { controls } from "../../controls.ts";
import type { RemoteNode } from "../../remote/remote-node.ts";
import { tokens } from "../../tokens.ts";
import type { Words } from "../../words.ts";
import { PanelElement } from "../panel-element.ts";
import { panelStyles } from "../panel-styles.ts";
import { type Problem, problemOf, problemView } from "../problem.ts";
import { Refresher } from "../refresher.ts";
import type { PanelKey } from "../strings.ts";
import type { ChartSeries } from "./erl-chart.ts";
import {
  COUNT_KINDS,
  type CountKind,
  type Rates,
  ratesBetween,
  SAMPLE_CALLS,
  type Sample,
  sampleOf,
  SYSTEM_CALLS,
  type System,
  systemOf,
} from "./figures.ts";
import { OVERVIEW_STRINGS, type OverviewKey } from "./strings.ts";

type OverviewWords = Words<OverviewKey | PanelKey>;

/** Points of a chart; at one in two seconds, ten minutes. */
const LONGEST_HISTORY = 300;
/** So full, a table of the emulator is worth a warning. */
const NEARLY_FULL = 0.8;

interface Point {
  readonly sample: Sample;
  readonly rates: Rates;
}

const COUNT_TITLES = {
  process: "overviewProcesses",
  port: "overviewPorts",
  atom: "overviewAtoms",
  ets: "overviewEts",
} as const satisfies Record<CountKind, OverviewKey>;

const MEMORY_TITLES = {
  total: "overviewMemoryTotal",
  processes: "overviewMemoryProcesses",
  binary: "overviewMemoryBinary",
  ets: "overviewMemoryEts",
} as const;

/**
 * What the node is, and how it does: schedulers, memory, run queue and input and output as charts, with the same in words.
 *
 * @csspart toolbar
 * @csspart chart
 * @csspart card
 * @csspart badge
 * @customElement erl-overview
 */
export class ErlOverview extends PanelElement {
  static override properties: PropertyDeclarations = {
    _system: { state: true },
    _hasTools: { state: true },
    _sample: { state: true },
    _points: { state: true },
    _problem: { state: true },
  };

  declare private _system: System | undefined;
  /** The node has runtime_tools. */
  declare private _hasTools: boolean;
  /** What the last look saw: the first one makes no point yet, and is shown all the same. */
  declare private _sample: Sample | undefined;
  declare private _points: readonly Point[];
  declare private _problem: Problem | undefined;

  readonly #refresher: Refresher = new Refresher(this, {
    intervalMs: () => this.refresh * 1_000,
    look: (signal) => this.#look(signal),
  });
  #last: Sample | undefined;
  /** The process on the node for which it measures what schedulers do. */
  #holder: { readonly remote: RemoteNode; readonly pid: Promise<Pid> } | undefined;

  static override styles: CSSResult[] = [
    tokens,
    controls,
    panelStyles,
    css`
      .scroll {
        flex: 1;
        min-height: 0;
        padding: 0.75rem;
        overflow: auto;
      }

      .cards {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(8.5rem, 50% - 0.25rem), 1fr));
        gap: 0.5rem;
        margin-bottom: 0.75rem;
      }

      .card {
        padding: 0.5rem;
        border: 1px solid var(--_border);
        border-radius: var(--_radius-small);
        background: var(--_surface-2);
      }

      .card dt {
        color: var(--_muted);
        font-size: 0.8125rem;
      }

      .card dd {
        font-variant-numeric: tabular-nums;
        font-weight: 600;
      }

      .card .of {
        color: var(--_muted);
        font-size: 0.75rem;
        font-weight: 400;
      }

      .card.full dd {
        color: var(--_warn);
      }

      .charts {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
        gap: 1rem;
      }

      .schedulers {
        display: grid;
        grid-template-columns: auto minmax(4rem, 1fr) 3.5rem;
        gap: 0.125rem 0.5rem;
        align-items: center;
        margin: 0.75rem 0;
        font-size: 0.8125rem;
      }

      .schedulers meter {
        width: 100%;
        height: 0.75rem;
      }

      .scroll > .title {
        margin: 0.75rem 0 0.25rem;
        font-size: 0.875rem;
      }

      .version {
        margin-bottom: 0.75rem;
        font-size: 0.8125rem;
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this._hasTools = true;
    this._points = [];
  }

  protected override nodeUp(remote: RemoteNode): void {
    this.#last = undefined;
    this._system = undefined;
    void this.#learn(remote);
    this.activeChanged();
  }

  protected override nodeDown(): void {
    // The holder has ended with the connection; it has not when the panel alone has gone.
    this.#release();
    this.#refresher.stop();
  }

  protected override activeChanged(): void {
    if (!this.active || this.remote === undefined) {
      this.#refresher.stop();
      this.#release();
      return;
    }
    this.#hold(this.remote);
    this.#refresher.start();
  }

  protected override render(): TemplateResult {
    const words = this.#words;
    const { paused, cost } = this.#refresher;
    return html`
      <div part="toolbar" class="toolbar" role="toolbar" aria-label=${words.say("overview")} data-region>
        <button part="button" type="button" data-key="p" aria-pressed=${paused ? "true" : "false"} @click=${() => (this.#refresher.paused = !paused)}>
          ${words.say(paused ? "goOn" : "pause")}
        </button>
        ${
          this._hasTools
            ? nothing
            : html`<span part="badge" class="badge" title=${words.say("overviewBasicHint")}>${words.say("overviewBasic")}</span>`
        }
        <span class="summary" role="status">${this.#summary(cost)}</span>
      </div>
      ${
        this._problem === undefined
          ? nothing
          : problemView(words.say("overviewNotTold"), this._problem, words, this.remote?.name, () => this.#refresher.now())
      }
      ${this._sample === undefined ? html`<p class="note">${this.#waiting()}</p>` : this.#body(this._sample, this._points.at(-1)?.rates)}
    `;
  }

  #waiting(): string {
    if (this._problem !== undefined) return this.#words.say("overviewNothing");
    return this.#words.say(this.remote === undefined ? "notConnected" : "askingNode");
  }

  #summary(cost: number | undefined): string {
    const words = this.#words;
    if (this.remote === undefined) return words.say("notConnectedShort");
    return cost === undefined ? "" : words.say("costs", { cost: words.percent(cost) });
  }

  get #words(): OverviewWords {
    return this.wordsOf(OVERVIEW_STRINGS);
  }

  #body(sample: Sample, rates: Rates | undefined): TemplateResult {
    const words = this.#words;
    const bytes = (value: number): string => words.bytes(value);
    const rate = (value: number): string => words.say("overviewPerSecond", { value: words.bytes(value) });
    const times = this._points.map(({ sample }) => sample.time);
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${words.say("overviewFigures")} data-region>
        ${this._system === undefined ? nothing : systemView(this._system, words)}
        <dl class="cards">
          ${COUNT_KINDS.map((kind) => countCard(words, COUNT_TITLES[kind], sample.counts[kind]))}
          ${card(words.say("overviewReductions"), rates === undefined ? "…" : words.say("overviewPerSecond", { value: words.compact(rates.reductions) }))}
          ${card(words.say("overviewCode"), bytes(sample.memory.code))}
          ${card(words.say("overviewAtomMemory"), bytes(sample.memory.atom))}
        </dl>
        <div class="charts">
          <erl-chart exportparts="chart" heading=${words.say("overviewSchedulers")} least="0.05" .words=${words} .times=${times} .text=${(value: number) => words.percent(value)} .series=${this.#schedulerSeries()}></erl-chart>
          <erl-chart exportparts="chart" heading=${words.say("overviewMemory")} binary .words=${words} .times=${times} .text=${bytes} .series=${this.#memorySeries()}></erl-chart>
          <erl-chart exportparts="chart" heading=${words.say("overviewRunQueue")} .words=${words} whole .times=${times} .text=${(value: number) => words.count(value)} .series=${this.#seriesOf("overviewWaiting", ({ sample }) => sample.runQueue)}></erl-chart>
          <erl-chart exportparts="chart" heading=${words.say("overviewIo")} binary .words=${words} .times=${times} .text=${rate} .series=${this.#ioSeries()}></erl-chart>
        </div>
        ${rates === undefined ? nothing : schedulerView(rates, this._system, words)}
      </div>
    `;
  }

  #seriesOf(title: OverviewKey, value: (point: Point) => number): ChartSeries[] {
    return [{ title: this.#words.say(title), values: this._points.map(value) }];
  }

  #schedulerSeries(): ChartSeries[] {
    const normal = this._system?.schedulersOnline ?? 0;
    const mean = ({ utilisation }: Rates, isNormal: boolean): number => {
      const those = utilisation.filter(({ id }) => id <= normal === isNormal);
      return those.reduce((sum, { share }) => sum + share, 0) / Math.max(1, those.length);
    };
    return [
      ...this.#seriesOf("overviewNormal", ({ rates }) => mean(rates, true)),
      ...this.#seriesOf("overviewDirty", ({ rates }) => mean(rates, false)),
    ];
  }

  #memorySeries(): ChartSeries[] {
    return (["total", "processes", "binary", "ets"] as const).flatMap((kind) =>
      this.#seriesOf(MEMORY_TITLES[kind], ({ sample }) => sample.memory[kind]),
    );
  }

  #ioSeries(): ChartSeries[] {
    return [
      ...this.#seriesOf("overviewIn", ({ rates }) => rates.inputBytes),
      ...this.#seriesOf("overviewOut", ({ rates }) => rates.outputBytes),
    ];
  }

  async #learn(remote: RemoteNode): Promise<void> {
    try {
      this._system = systemOf(await remote.batch(SYSTEM_CALLS));
      this._hasTools = (await remote.features()).hasRuntimeTools;
    } catch {
      // What it says of itself is an extra; the looks tell what is wrong.
    }
  }

  async #look(signal: AbortSignal): Promise<number | undefined> {
    const { remote } = this;
    if (remote === undefined) return undefined;
    try {
      const sample = sampleOf(await remote.batch(SAMPLE_CALLS, { signal }), Date.now() / 1_000);
      if (signal.aborted) return undefined;
      const last = this.#last;
      this.#last = sample;
      this._sample = sample;
      this._problem = undefined;
      if (last === undefined) setTimeout(() => this.#refresher.now(), FIRST_STEP_MS);
      else this._points = [...this._points.slice(1 - LONGEST_HISTORY), { sample, rates: ratesBetween(last, sample) }];
      return sample.tookMs;
    } catch (error) {
      if (!signal.aborted && remote.isConnected) this._problem = problemOf(error);
      // However long that took, the node has not worked for it.
      return 0;
    }
  }

  /** The node measures what schedulers do as long as some process has asked for it and lives: one there, linked to us. */
  #hold(remote: RemoteNode): void {
    if (this.#holder !== undefined) return;
    const pid = remote.hold("lists", "zipwith3", [
      new Export(atom("erlang"), atom("apply"), 3),
      [atom("erlang"), atom("timer")],
      [atom("system_flag"), atom("sleep")],
      [[atom("scheduler_wall_time"), true], [atom("infinity")]],
    ]);
    const holder = { remote, pid };
    this.#holder = holder;
    pid.catch(() => {
      // Then there is no utilisation to show, and the looks say why.
      if (this.#holder === holder) this.#holder = undefined;
    });
  }

  #release(): void {
    const holder = this.#holder;
    this.#holder = undefined;
    holder?.pid.then(
      (pid) => holder.remote.isConnected && holder.remote.kill(pid),
      () => {
        // Nothing to let go.
      },
    );
  }
}

/** Between the first two looks, which make the first point of the charts. */
const FIRST_STEP_MS = 500;

function card(title: string, value: unknown, isFull = false): TemplateResult {
  return html`<div part="card" class="card ${isFull ? "full" : ""}"><dt>${title}</dt><dd>${value}</dd></div>`;
}

function countCard(words: OverviewWords, title: OverviewKey, [now, limit]: readonly [number, number]): TemplateResult {
  const isFull = limit > 0 && now / limit >= NEARLY_FULL;
  const of = words.say(isFull ? "overviewNearlyFull" : "overviewOf", { limit: words.compact(limit) });
  return card(words.say(title), html`${words.count(now)} <span class="of">${of}</span>`, isFull);
}

function systemView(system: System, words: OverviewWords): TemplateResult {
  const { version, architecture, schedulersOnline, dirtyCpuSchedulers, dirtyIoSchedulers, wordBytes } = system;
  const about = words.say("overviewSystem", {
    architecture,
    bits: words.count(wordBytes * 8),
    schedulers: words.count(schedulersOnline),
    cpu: words.count(dirtyCpuSchedulers),
    io: words.count(dirtyIoSchedulers),
  });
  return html`
    <p class="version">
      ${version}<br />
      <span class="muted">${about}</span>
    </p>
  `;
}

function schedulerView({ utilisation }: Rates, system: System | undefined, words: OverviewWords): TemplateResult {
  const { schedulersOnline = 0, dirtyCpuSchedulers = 0 } = system ?? {};
  const name = (id: number): string => {
    if (id <= schedulersOnline) return `${id}`;
    const isCpu = id <= schedulersOnline + dirtyCpuSchedulers;
    return words.say(isCpu ? "overviewDirtyCpu" : "overviewDirtyIo", { id: `${id}` });
  };
  const shown = utilisation.filter(({ id, share }) => id <= schedulersOnline + dirtyCpuSchedulers || share >= 0.005);
  if (shown.length === 0) return html``;
  return html`
    <p class="title">${words.say("overviewEach")}</p>
    <div class="schedulers">
      ${shown.map(
        ({ id, share }) => html`
          <span>${name(id)}</span>
          <meter min="0" max="1" .value=${share} aria-label=${words.say("overviewScheduler", { name: name(id) })}></meter>
          <span>${words.percent(share)}</span>
        `,
      )}
    </div>
  `;
}

declare global {
  interface HTMLElementTagNameMap {
    "erl-overview": ErlOverview;
  }
}
