// The form of the trace panel: whom to trace, which function, what else, and which limits end it.
import { html, nothing, type TemplateResult } from "lit";
import type { TraceKey } from "./strings.ts";
import type { TraceWords } from "./trace-words.ts";
import { MOST_COUNT, MOST_RATE, type TracePlan, type Whom } from "./trace-plan.ts";

export interface FormModel {
  readonly plan: TracePlan;
  readonly words: TraceWords;
  readonly isDisabled: boolean;
  readonly problem: string | undefined;
  /** How the function that is being typed may go on. */
  readonly completions: readonly string[];
  readonly changed: (change: Partial<TracePlan>) => void;
  /** The function is being typed, or about to be. */
  readonly complete: (text: string) => void;
  readonly submit: () => void;
}

/** By the fields of a plan. */
const FLAGS = {
  returns: "traceReturns",
  exceptions: "traceExceptions",
  caller: "traceCaller",
  send: "traceSend",
  receive: "traceReceive",
  procs: "traceProcs",
  timestamps: "traceTimestamps",
} as const satisfies Partial<Record<keyof TracePlan, TraceKey>>;

const WHOM: readonly (readonly [Whom, TraceKey])[] = [
  ["process", "traceOne"],
  ["new", "traceNew"],
  ["all", "traceAll"],
];

/** Its own button is what Return in a field presses; the one that is seen is in the toolbar. */
export function traceForm({
  plan,
  words,
  isDisabled,
  problem,
  completions,
  changed,
  complete,
  submit,
}: FormModel): TemplateResult {
  const flag = (name: keyof typeof FLAGS): TemplateResult => html`
    <label class="check"><input type="checkbox" name=${name} .checked=${plan[name]} @change=${(event: Event) => changed({ [name]: inputOf(event).checked })} /><span>${words.say(FLAGS[name])}</span></label>
  `;
  const limit = (name: "count" | "rate", most: number): TemplateResult => html`
    <label class="limit"><input part="input" type="number" name=${name} min="1" max=${most} required .value=${String(plan[name])} @input=${(event: Event) => changed({ [name]: inputOf(event).valueAsNumber })} /><span>${words.say(name === "count" ? "traceCount" : "traceRate")}</span></label>
  `;
  const begun = (event: SubmitEvent): void => {
    event.preventDefault();
    submit();
  };
  return html`
    <form class="plan" novalidate @submit=${begun} aria-label=${words.say("traceForm")} data-region>
      <fieldset ?disabled=${isDisabled}>
        <div class="fields">
          <label><span>${words.say("traceWhom")}</span>
            <select part="input" name="whom" @change=${(event: Event) => changed({ whom: valueOf(event) as Whom })}>
              ${WHOM.map(([whom, title]) => html`<option value=${whom} ?selected=${whom === plan.whom}>${words.say(title)}</option>`)}
            </select>
          </label>
          ${
            plan.whom === "process"
              ? html`
                  <label class="wide"><span>${words.say("traceProcess")}</span>
                    <input part="input" class="mono" name="process" spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby="problem" placeholder=${words.say("traceProcessExample")} .value=${plan.process} @input=${(event: Event) => changed({ process: valueOf(event) })} />
                  </label>
                `
              : nothing
          }
          <label class="wide"><span>${words.say("traceCalls")}</span>
            <input part="input" class="mono" name="calls" list="functions" spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby="problem" placeholder=${words.say("traceCallsExample")} .value=${plan.calls} @focus=${(event: Event) => complete(valueOf(event))} @input=${(
              event: Event,
            ) => {
              changed({ calls: valueOf(event) });
              complete(valueOf(event));
            }} />
            <datalist id="functions">${completions.map((each) => html`<option value=${each}></option>`)}</datalist>
          </label>
        </div>
        <div class="checks" role="group" aria-labelledby="of-calls">
          <span id="of-calls" class="muted">${words.say("traceOfCalls")}</span>${(["returns", "exceptions", "caller"] as const).map(flag)}
        </div>
        <div class="checks" role="group" aria-labelledby="also">
          <span id="also" class="muted">${words.say("traceAlso")}</span>${(["send", "receive", "procs", "timestamps"] as const).map(flag)}
        </div>
        <div class="checks" role="group" aria-labelledby="limits">
          <span id="limits" class="muted">${words.say("traceLimits")}</span>${limit("count", MOST_COUNT)}${limit("rate", MOST_RATE)}
        </div>
        <button hidden></button>
      </fieldset>
      <p id="problem" class="problem" aria-live="polite">${problem ?? nothing}</p>
    </form>
  `;
}

function inputOf(event: Event): HTMLInputElement {
  // The listeners sit on inputs.
  return event.currentTarget as HTMLInputElement;
}

function valueOf(event: Event): string {
  // Or on selects.
  return (event.currentTarget as HTMLInputElement | HTMLSelectElement).value;
}
