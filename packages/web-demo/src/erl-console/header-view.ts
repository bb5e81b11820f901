import { html, nothing, type TemplateResult } from "lit";
import type { ConnectionState } from "../connection/connection-state.ts";
import { filled } from "../filled.ts";
import type { FrameStrings } from "../strings.ts";
import type { Figures } from "../units.ts";
import type { Facts } from "./facts.ts";

export interface HeaderModel {
  readonly state: ConnectionState;
  readonly node: string;
  readonly facts: Facts;
  readonly readOnly: boolean;
  readonly strings: FrameStrings;
  readonly figures: Figures;
  readonly ping: () => void;
  readonly disconnect: () => void;
  readonly openPalette: () => void;
}

/** State, the two nodes, the figures, and what can be done with the connection. */
export function headerView(model: HeaderModel): TemplateResult {
  const { state, strings } = model;
  const end = endLabel(state, strings);
  const { isSlow, behindBytes = 0 } = model.facts;
  const slow = behindBytes > 0 ? filled(strings.behind, { bytes: model.figures.bytes(behindBytes) }) : strings.slow;
  return html`
    <header part="header" class="header">
      <slot name="header-start"></slot>
      <span part="state" class="state ${state.type}"><span class="dot" aria-hidden="true"></span>${strings[state.type]}</span>
      <span part="node" class="node">${model.node === "" ? strings.noNode : model.node}</span>
      ${model.readOnly ? html`<span part="badge" class="badge">${strings.readOnly}</span>` : nothing}
      ${isSlow === true ? html`<span part="badge" class="badge">${slow}</span>` : nothing}
      ${state.type === "connected" ? factsView(state.name, model) : nothing}
      <span class="actions">
        <slot name="header-end"></slot>
        ${state.type === "connected" ? html`<button part="button" type="button" @click=${model.ping}>${strings.ping}</button>` : nothing}
        <button part="button" type="button" aria-keyshortcuts="Control+K" title="Ctrl+K" @click=${model.openPalette}>${strings.commands}</button>
        ${end === undefined ? nothing : html`<button part="button" type="button" @click=${model.disconnect}>${end}</button>`}
      </span>
    </header>
  `;
}

function factsView(name: string, { facts, strings, figures }: HeaderModel): TemplateResult {
  const { features, uptimeMs, memoryBytes, runQueue, processes } = facts;
  const known: readonly (readonly [string, string | undefined, string])[] = [
    [strings.release, features === undefined ? undefined : releaseText(features), "release"],
    [strings.up, uptimeMs === undefined ? undefined : figures.duration(uptimeMs), "uptime"],
    [strings.roundTrip, roundTripText(facts.roundTrip, figures), "round-trip"],
    [strings.memory, memoryBytes === undefined ? undefined : figures.bytes(memoryBytes), "memory"],
    [strings.runQueue, runQueue === undefined ? undefined : figures.count(runQueue), "run-queue"],
    [strings.processCount, processes === undefined ? undefined : figures.compact(processes), "processes"],
    [strings.ownName, name, "own-name"],
  ];
  return html`
    <dl class="facts">
      ${known.map(([title, value, name]) => (value === undefined ? nothing : html`<div><dt>${title}</dt><dd class=${name}>${value}</dd></div>`))}
    </dl>
  `;
}

function releaseText({ otpRelease, elixir }: NonNullable<Facts["features"]>): string {
  return `OTP ${otpRelease}${elixir === undefined ? "" : ` · Elixir ${elixir}`}`;
}

function roundTripText(roundTrip: Facts["roundTrip"], figures: Figures): string {
  if (roundTrip === undefined) return "–";
  return roundTrip === "pang" ? "pang" : figures.milliseconds(roundTrip);
}

function endLabel(state: ConnectionState, strings: FrameStrings): string | undefined {
  switch (state.type) {
    case "connected":
      return strings.disconnect;
    case "connecting":
      return strings.cancel;
    case "waiting":
      return strings.stop;
    case "disconnected":
    case "failed":
      return undefined;
    default:
      return state satisfies never;
  }
}
