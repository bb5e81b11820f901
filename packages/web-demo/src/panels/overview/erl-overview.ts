import { atom, Export, type Pid } from "@erl-dist/core";
import { type CSSResult, css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { controls } from "../../controls.ts";
import type { RemoteNode } from "../../remote/remote-node.ts";
import { tokens } from "../../tokens.ts";
import { bytes, compact, count, percent } from "../../units.ts";
import { PanelElement } from "../panel-element.ts";
import { panelStyles } from "../panel-styles.ts";
import { type Problem, problemOf, problemView } from "../problem.ts";
import { Refresher } from "../refresher.ts";
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

/** Points of a chart; at one in two seconds, ten minutes. */
const LONGEST_HISTORY = 300;
/** So full, a table of the emulator is worth a warning. */
const NEARLY_FULL = 0.8;

interface Point {
  readonly sample: Sample;
  readonly rates: Rates;
}

const COUNT_TITLES: Readonly<Record<CountKind, string>> = {
  process: "Processes",
  port: "Ports",
  atom: "Atoms",
  ets: "ETS tables",
};

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
    _points: { state: true },
    _problem: { state: true },
  };

  declare private _system: System | undefined;
  /** The node has runtime_tools. */
  declare private _hasTools: boolean;
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
        grid-template-columns: repeat(auto-fill, minmax(min(11rem, 50% - 0.25rem), 1fr));
        gap: 0.5rem;
        margin-bottom: 0.75rem;
      }

      .card {
        padding: 0.5rem 0.75rem;
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
        font-size: 0.8125rem;
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
    const { paused, cost } = this.#refresher;
    const point = this._points.at(-1);
    return html`
      <div part="toolbar" class="toolbar" role="toolbar" aria-label="Overview" data-region>
        <button part="button" type="button" data-key="p" aria-pressed=${paused ? "true" : "false"} @click=${() => (this.#refresher.paused = !paused)}>
          ${paused ? "Go on" : "Pause"}
        </button>
        ${
          this._hasTools
            ? nothing
            : html`<span part="badge" class="badge" title="The node has no runtime_tools, which observer and dbg need. This console does without.">basic mode: no runtime_tools</span>`
        }
        <span class="summary" role="status">${this.#summary(cost)}</span>
      </div>
      ${
        this._problem === undefined
          ? nothing
          : problemView("The node did not say how it does", this._problem, this.remote?.name, () => this.#refresher.now())
      }
      ${point === undefined ? html`<p class="note">${this.#waiting()}</p>` : this.#body(point)}
    `;
  }

  #waiting(): string {
    if (this._problem !== undefined) return "There is nothing to show.";
    return this.remote === undefined ? "Not connected." : "Taking the first two looks.";
  }

  #summary(cost: number | undefined): string {
    if (this.remote === undefined) return "not connected";
    return cost === undefined ? "" : `costs ${percent(cost)} of a scheduler`;
  }

  #body({ sample, rates }: Point): TemplateResult {
    const times = this._points.map(({ sample }) => sample.time);
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label="Figures and charts" data-region>
        ${this._system === undefined ? nothing : systemView(this._system)}
        <dl class="cards">
          ${COUNT_KINDS.map((kind) => countCard(COUNT_TITLES[kind], sample.counts[kind]))}
          ${card("Reductions", `${compact(rates.reductions)}/s`)}
          ${card("Code", bytes(sample.memory.code))}
          ${card("Atoms' memory", bytes(sample.memory.atom))}
        </dl>
        <div class="charts">
          <erl-chart exportparts="chart" heading="Schedulers" .times=${times} .text=${percent} .series=${this.#schedulerSeries()}></erl-chart>
          <erl-chart exportparts="chart" heading="Memory" .times=${times} .text=${bytes} .series=${this.#memorySeries()}></erl-chart>
          <erl-chart exportparts="chart" heading="Run queue" whole .times=${times} .text=${count} .series=${this.#seriesOf("waiting", ({ sample }) => sample.runQueue)}></erl-chart>
          <erl-chart exportparts="chart" heading="Input and output" .times=${times} .text=${rate} .series=${this.#ioSeries()}></erl-chart>
        </div>
        ${schedulerView(rates, this._system)}
      </div>
    `;
  }

  #seriesOf(title: string, value: (point: Point) => number): ChartSeries[] {
    return [{ title, values: this._points.map(value) }];
  }

  #schedulerSeries(): ChartSeries[] {
    const normal = this._system?.schedulersOnline ?? 0;
    const mean = ({ utilisation }: Rates, isNormal: boolean): number => {
      const those = utilisation.filter(({ id }) => id <= normal === isNormal);
      return those.reduce((sum, { share }) => sum + share, 0) / Math.max(1, those.length);
    };
    return [
      ...this.#seriesOf("normal", ({ rates }) => mean(rates, true)),
      ...this.#seriesOf("dirty", ({ rates }) => mean(rates, false)),
    ];
  }

  #memorySeries(): ChartSeries[] {
    return (["total", "processes", "binary", "ets"] as const).flatMap((kind) =>
      this.#seriesOf(kind, ({ sample }) => sample.memory[kind]),
    );
  }

  #ioSeries(): ChartSeries[] {
    return [...this.#seriesOf("in", ({ rates }) => rates.inputBytes), ...this.#seriesOf("out", ({ rates }) => rates.outputBytes)];
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
      this._problem = undefined;
      if (last === undefined) setTimeout(() => this.#refresher.now(), FIRST_STEP_MS);
      else this._points = [...this._points.slice(1 - LONGEST_HISTORY), { sample, rates: ratesBetween(last, sample) }];
      return sample.tookMs;
    } catch (error) {
      if (!signal.aborted && remote.isConnected) this._problem = problemOf(error);
      return undefined;
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

function rate(value: number): string {
  return `${bytes(value)}/s`;
}

function card(title: string, value: unknown, isFull = false): TemplateResult {
  return html`<div part="card" class="card ${isFull ? "full" : ""}"><dt>${title}</dt><dd>${value}</dd></div>`;
}

function countCard(title: string, [now, limit]: readonly [number, number]): TemplateResult {
  const isFull = limit > 0 && now / limit >= NEARLY_FULL;
  return card(title, html`${count(now)} <span class="of">of ${compact(limit)}${isFull ? ": nearly full" : ""}</span>`, isFull);
}

function systemView(system: System): TemplateResult {
  const { version, architecture, schedulersOnline, dirtyCpuSchedulers, dirtyIoSchedulers, wordBytes } = system;
  return html`
    <p class="version">
      ${version}<br />
      <span class="muted">${architecture}, ${wordBytes * 8} bits; schedulers: ${schedulersOnline}, dirty: ${dirtyCpuSchedulers} for CPU, ${dirtyIoSchedulers} for I/O</span>
    </p>
  `;
}

function schedulerView({ utilisation }: Rates, system: System | undefined): TemplateResult {
  const { schedulersOnline = 0, dirtyCpuSchedulers = 0 } = system ?? {};
  const name = (id: number): string => {
    if (id <= schedulersOnline) return `${id}`;
    return id <= schedulersOnline + dirtyCpuSchedulers ? `${id}, dirty CPU` : `${id}, dirty I/O`;
  };
  const shown = utilisation.filter(({ id, share }) => id <= schedulersOnline + dirtyCpuSchedulers || share >= 0.005);
  if (shown.length === 0) return html``;
  return html`
    <p class="title">Each scheduler</p>
    <div class="schedulers">
      ${shown.map(
        ({ id, share }) => html`
          <span>${name(id)}</span>
          <meter min="0" max="1" .value=${share} aria-label="Scheduler ${name(id)}"></meter>
          <span>${percent(share)}</span>
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
