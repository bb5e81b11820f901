import { html, nothing, type TemplateResult } from "lit";
import type { ConnectionState, Settings, Step } from "../connection/connection-state.ts";
import type { Failure } from "../connection/failure.ts";
import { filled } from "../filled.ts";
import { type FrameStrings } from "../strings.ts";
import type { Figures } from "../units.ts";

export interface StatusModel {
  readonly state: ConnectionState;
  readonly settings: Settings;
  readonly strings: FrameStrings;
  readonly figures: Figures;
  readonly reconnect: () => void;
}

/** The state in sentences, in one live region, so that a screen reader hears every change once. */
export function statusView(model: StatusModel): TemplateResult {
  const { state } = model;
  const isNews = state.type === "connected" && state.restarted;
  return html`<div part="status" class="status ${state.type} ${isNews ? "news" : ""}" role="status">${content(model)}</div>`;
}

function content({ state, settings, strings, figures, reconnect }: StatusModel): TemplateResult {
  switch (state.type) {
    case "disconnected":
      return settings.bridge === "" || settings.node === ""
        ? html`<p>${strings.nameBridgeAndNode} <code>erl-bridge --dev app@127.0.0.1</code></p>`
        : html`<p>${filled(strings.readyToConnect, { node: settings.node })}</p>`;
    case "connecting":
      return html`${state.failure === undefined ? nothing : failureView(state.failure, strings)}${steps(state.step, settings, strings)}`;
    case "connected":
      return html`
        <p>${filled(strings.connectedTo, { node: state.peer, name: state.name })}</p>
        ${state.restarted ? html`<p>${strings.restarted}</p>` : nothing}
      `;
    case "failed":
      return failureView(state.failure, strings);
    case "waiting":
      return html`
        ${failureView(state.failure, strings)}
        <p class="again">
          ${filled(strings.tryingAgain, { seconds: figures.count(state.delayMs / 1000, 1) })}
          <button part="button" type="button" @click=${reconnect}>${strings.reconnectNow}</button>
        </p>
      `;
    default:
      return state satisfies never;
  }
}

function failureView(failure: Failure, strings: FrameStrings): TemplateResult {
  const text = (part: "title" | "detail" | "hint"): string => {
    // Of those in our own words only some are in the table of the frame.
    const own = (strings as Readonly<Record<string, string | undefined>>)[`${failure.words}_${part}`];
    return own === undefined ? failure[part] : filled(own, failure.values);
  };
  return html`
    <div part="failure" class="failure" data-code=${failure.code}>
      <strong>${text("title")}</strong>
      <p>${text("detail")}</p>
      <p class="hint">${text("hint")}</p>
    </div>
  `;
}

const STEPS: readonly { readonly step: Step; readonly words: (settings: Settings, strings: FrameStrings) => string }[] = [
  {
    step: "bridge",
    words: ({ bridge }, strings) => (bridge === "" ? strings.openingWay : filled(strings.opening, { bridge })),
  },
  { step: "handshake", words: ({ node }, strings) => filled(strings.shakingHands, { node }) },
];

function steps(current: Step, settings: Settings, strings: FrameStrings): TemplateResult {
  return html`
    <ol part="steps" class="steps">
      ${STEPS.map(({ step, words }) => html`<li aria-current=${step === current ? "step" : "false"}>${words(settings, strings)}</li>`)}
    </ol>
  `;
}
