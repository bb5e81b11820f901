import { html, nothing, type TemplateResult } from "lit";
import { type ConnectionState, STATE_WORDS } from "../connection/connection-state.ts";
import { bytes, compact, duration, milliseconds } from "../units.ts";
import type { Facts } from "./facts.ts";

export interface HeaderModel {
  readonly state: ConnectionState;
  readonly node: string;
  readonly facts: Facts;
  readonly readOnly: boolean;
  readonly ping: () => void;
  readonly disconnect: () => void;
  readonly openPalette: () => void;
}

/** State, the two nodes, the figures, and what can be done with the connection. */
export function headerView(model: HeaderModel): TemplateResult {
  const { state } = model;
  const end = endLabel(state);
  return html`
    <header part="header" class="header">
      <slot name="header-start"></slot>
      <span part="state" class="state ${state.type}"><span class="dot" aria-hidden="true"></span>${STATE_WORDS[state.type]}</span>
      <span part="node" class="node">${model.node === "" ? "no node" : model.node}</span>
      ${model.readOnly ? html`<span part="badge" class="badge">read-only</span>` : nothing}
      ${state.type === "connected" ? factsView(state.name, model.facts) : nothing}
      <span class="actions">
        <slot name="header-end"></slot>
        ${state.type === "connected" ? html`<button part="button" type="button" @click=${model.ping}>Ping</button>` : nothing}
        <button part="button" type="button" aria-keyshortcuts="Control+K" title="Ctrl+K" @click=${model.openPalette}>Commands</button>
        ${end === undefined ? nothing : html`<button part="button" type="button" @click=${model.disconnect}>${end}</button>`}
      </span>
    </header>
  `;
}

function factsView(name: string, facts: Facts): TemplateResult {
  const { features, uptimeMs, memoryBytes, runQueue, processes } = facts;
  const known: readonly (readonly [string, string | undefined, string])[] = [
    ["Release", features === undefined ? undefined : releaseText(features), "release"],
    ["Up", uptimeMs === undefined ? undefined : duration(uptimeMs), "uptime"],
    ["Round trip", roundTripText(facts.roundTrip), "round-trip"],
    ["Memory", memoryBytes === undefined ? undefined : bytes(memoryBytes), "memory"],
    ["Run queue", runQueue?.toString(), "run-queue"],
    ["Processes", processes === undefined ? undefined : compact(processes), "processes"],
    ["This page is", name, "own-name"],
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

function roundTripText(roundTrip: Facts["roundTrip"]): string {
  if (roundTrip === undefined) return "–";
  return roundTrip === "pang" ? "pang" : milliseconds(roundTrip);
}

function endLabel(state: ConnectionState): string | undefined {
  switch (state.type) {
    case "connected":
      return "Disconnect";
    case "connecting":
      return "Cancel";
    case "waiting":
      return "Stop";
    case "disconnected":
    case "failed":
      return undefined;
    default:
      return state satisfies never;
  }
}
