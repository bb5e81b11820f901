// A line chart over time, with the same in words and as a table for those who do not see it.
import { type CSSResult, css, html, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { StyledElement } from "../../styled-element.ts";
import uPlot from "uplot";
import { controls } from "../../controls.ts";
import { tokens } from "../../tokens.ts";
import { Words } from "../../words.ts";
import { ColourWatcher } from "../colour-watcher.ts";
import { timeRange } from "./figures.ts";
import { plotStyles } from "./plot-styles.ts";
import { OVERVIEW_STRINGS, type OverviewKey } from "./strings.ts";

export interface ChartSeries {
  readonly title: string;
  readonly values: readonly number[];
}

/** What the drawing has in it. */
const COLOURS = ["border", "muted", ...Array.from({ length: 6 }, (_, index) => `chart-${index + 1}`)];
const HEIGHT_PIXELS = 150;
const MAX_TABLE_ROWS = 30;

/** From one line of the axis to the next. */
const WHOLE_STEPS = Array.from({ length: 7 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
const BINARY_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);

export class ErlChart extends StyledElement {
  static override properties: PropertyDeclarations = {
    heading: { type: String },
    times: { attribute: false },
    series: { attribute: false },
    text: { attribute: false },
    whole: { type: Boolean },
    binary: { type: Boolean },
    least: { type: Number },
    words: { attribute: false },
    _asTable: { state: true },
  };

  /** What the chart is of. */
  declare heading: string;
  /** Seconds since 1970, one for each value. */
  declare times: readonly number[];
  declare series: readonly ChartSeries[];
  /** Values are whole numbers: there is nothing between them on the axis. */
  declare whole: boolean;
  /** Values are bytes: lines of the axis are at powers of two. */
  declare binary: boolean;
  /** The axis reaches at least so far. */
  declare least: number;
  /** A value in words. */
  declare text: (value: number) => string;
  declare words: Words<OverviewKey>;

  declare private _asTable: boolean;

  #plot: uPlot | undefined;
  #resized: ResizeObserver | undefined;

  static override styles: CSSResult[] = [
    tokens,
    controls,
    plotStyles,
    css`
      :host {
        --_chart-1: var(--erl-chart-1, light-dark(#a90533, #ff8ba3));
        --_chart-2: var(--erl-chart-2, light-dark(#1d5fa8, #7cb7ff));
        --_chart-3: var(--erl-chart-3, light-dark(#17703a, #6fd394));
        --_chart-4: var(--erl-chart-4, light-dark(#7a4b00, #f3b95f));
        --_chart-5: var(--erl-chart-5, light-dark(#6a3fa0, #c4a5ff));
        --_chart-6: var(--erl-chart-6, light-dark(#00666b, #5fd3d9));

        display: block;
        min-width: 0;
      }

      figure {
        margin: 0;
      }

      figcaption {
        display: flex;
        flex-wrap: wrap;
        gap: 0.25rem 0.75rem;
        align-items: center;
        font-size: 0.8125rem;
      }

      figcaption button {
        min-height: 1.5rem;
        margin-inline-start: auto;
        padding: 0 0.5rem;
        font-size: 0.75rem;
      }

      /* A line of their own, so that drawings beside each other begin at the same height. */
      .legends {
        display: flex;
        flex: 1 0 100%;
        flex-wrap: wrap;
        order: 1;
        gap: 0 0.75rem;
      }

      .legend {
        display: inline-flex;
        gap: 0.25rem;
        align-items: center;
        color: var(--_muted);
        font-variant-numeric: tabular-nums;
      }

      .swatch {
        width: 0.875rem;
        height: 0;
        border-top: 3px solid var(--_chart-1);
      }

      .legend:nth-of-type(2) .swatch {
        border-top: 3px dashed var(--_chart-2);
      }

      .legend:nth-of-type(3) .swatch {
        border-top: 3px dotted var(--_chart-3);
      }

      .legend:nth-of-type(4) .swatch {
        border-top: 3px double var(--_chart-4);
      }

      .legend:nth-of-type(5) .swatch {
        border-top: 3px groove var(--_chart-5);
      }

      .legend:nth-of-type(6) .swatch {
        border-top: 3px ridge var(--_chart-6);
      }

      /* Time runs from left to right, as figures do. */
      .plot {
        direction: ltr;
        min-height: ${HEIGHT_PIXELS}px;
      }

      .plot[hidden] {
        display: none;
      }

      .table {
        max-height: 10rem;
        overflow: auto;
      }

      table {
        width: 100%;
        border-collapse: collapse;
        font-size: 0.8125rem;
        font-variant-numeric: tabular-nums;
      }

      th,
      td {
        padding: 0.125rem 0.5rem;
        border-bottom: 1px solid var(--_border);
        text-align: end;
      }

      th:first-child,
      td:first-child {
        text-align: start;
      }
    `,
  ];

  constructor() {
    super();
    this.addController(new ColourWatcher(this, COLOURS, () => this.#recolour()));
    this.heading = "";
    this.times = [];
    this.series = [];
    this.text = String;
    this.whole = false;
    this.binary = false;
    this.least = 0;
    this.words = new Words("en", OVERVIEW_STRINGS);
    this._asTable = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resized = new ResizeObserver(() => this.#fit());
    this.#resized.observe(this);
    if (this.hasUpdated) this.#draw();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized?.disconnect();
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  /** Colours are drawn, and not styles: another theme needs another drawing. */
  #recolour(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#draw();
  }

  protected override updated(changed: PropertyValues<this>): void {
    // The axes are drawn in the words and figures of the language.
    const isOther = changed.has("words") || (changed.has("series") && changed.get("series")?.length !== this.series.length);
    if (isOther) this.#recolour();
    else this.#draw();
  }

  protected override render(): TemplateResult {
    return html`
      <figure part="chart" aria-label=${this.words.say("chartSummary", { title: this.heading, text: this.#summary() })}>
        <figcaption>
          <strong>${this.heading}</strong>
          <span class="legends">
            ${this.series.map(
              ({ title, values }) => html`
                <span class="legend"><span class="swatch" aria-hidden="true"></span>${title} ${this.#now(values)}</span>
              `,
            )}
          </span>
          <button part="button" type="button" aria-pressed=${this._asTable ? "true" : "false"} @click=${() => (this._asTable = !this._asTable)}>
            ${this.words.say(this._asTable ? "chartAsChart" : "chartAsTable")}
          </button>
        </figcaption>
        <div class="plot" aria-hidden="true" ?hidden=${this._asTable}></div>
        ${this._asTable ? this.#table() : ""}
      </figure>
    `;
  }

  #table(): TemplateResult {
    const shown = this.times
      .map((time, index) => ({ time, index }))
      .slice(-MAX_TABLE_ROWS)
      .toReversed();
    return html`
      <div class="table" tabindex="0" role="region" aria-label=${this.words.say("chartTable", { title: this.heading })}>
        <table>
          <thead>
            <tr><th scope="col">${this.words.say("chartTime")}</th>${this.series.map(({ title }) => html`<th scope="col">${title}</th>`)}</tr>
          </thead>
          <tbody>
            ${shown.map(
              ({ time, index }) => html`
                <tr>
                  <td>${this.words.time(time * 1_000)}</td>
                  ${this.series.map(({ values }) => html`<td>${this.text(values[index] ?? 0)}</td>`)}
                </tr>
              `,
            )}
          </tbody>
        </table>
      </div>
    `;
  }

  #now(values: readonly number[]): string {
    const last = values.at(-1);
    return last === undefined ? "–" : this.text(last);
  }

  #summary(): string {
    if (this.times.length === 0) return this.words.say("chartNoValues");
    return this.series
      .map(({ title, values }) => {
        const [least, most] = [this.text(Math.min(...values)), this.text(Math.max(...values))];
        return this.words.say("chartSeries", { title, now: this.#now(values), least, most });
      })
      .join("; ");
  }

  #draw(): void {
    const place = this.renderRoot.querySelector<HTMLElement>(".plot");
    if (place === null || this._asTable || this.times.length === 0) return;
    const data: uPlot.AlignedData = [[...this.times], ...this.series.map(({ values }) => [...values])];
    if (this.#plot === undefined) this.#plot = new uPlot(this.#options(place.clientWidth), data, place);
    else this.#plot.setData(data);
  }

  #fit(): void {
    const place = this.renderRoot.querySelector<HTMLElement>(".plot");
    if (place !== null && place.clientWidth > 0) this.#plot?.setSize({ width: place.clientWidth, height: HEIGHT_PIXELS });
  }

  #options(width: number): uPlot.Options {
    const style = getComputedStyle(this);
    const colour = (name: string): string => resolved(this, style.getPropertyValue(name));
    const grid = { stroke: colour("--_border"), width: 1 };
    const axis = { stroke: colour("--_muted"), grid, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    return {
      width: Math.max(width, 100),
      height: HEIGHT_PIXELS,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        // Not from the limits that it is given: of a single value uPlot makes a day.
        x: { range: () => timeRange(this.times) },
        y: { range: (_plot, _min, max) => [0, Math.max(max * 1.1, this.least) || 1] },
      },
      axes: [
        {
          ...axis,
          space: 80,
          size: 24,
          values: (_plot, splits, _axis, _space, stepSeconds) =>
            splits.map((split) => this.words.time(split * 1_000, { minutes: stepSeconds % 60 === 0 })),
        },
        {
          ...axis,
          size: 64,
          space: 30,
          ...(this.whole ? { incrs: WHOLE_STEPS } : this.binary ? { incrs: BINARY_STEPS } : {}),
          values: (_plot, splits) => splits.map((split) => this.text(split)),
        },
      ],
      series: [
        {},
        ...this.series.map(({ title }, index) => ({
          label: title,
          stroke: colour(`--_chart-${index + 1}`),
          width: 2,
          dash: DASHES[index] ?? [],
          points: { show: false },
        })),
      ],
    };
  }
}

/** So that lines differ without their colours. */
const DASHES: readonly number[][] = [[], [8, 4], [2, 3], [10, 3, 2, 3], [16, 4], [16, 3, 2, 3, 2, 3]];

/** A colour that canvas understands: light-dark() is resolved by the style of an element only. */
function resolved(host: ErlChart, value: string): string {
  const probe = document.createElement("span");
  probe.style.color = value;
  host.renderRoot.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

declare global {
  interface HTMLElementTagNameMap {
    "erl-chart": ErlChart;
  }
}
