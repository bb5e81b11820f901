import { type CSSResult, css } from "lit";

export const traceStyles: CSSResult = css`
  /* The form takes all the room of a small window: then it is scrolled, and the messages are below it. */
  :host {
    overflow: auto;
  }

  .split {
    min-height: 10rem;
  }

  .plan {
    padding: var(--_density-space, 0.5rem) 0.75rem;
    border-bottom: 1px solid var(--_border);
    font-size: 0.8125rem;
  }

  fieldset {
    display: grid;
    gap: 0.375rem;
    margin: 0;
    padding: 0;
    border: 0;
  }

  .fields,
  .checks {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem 1rem;
    align-items: center;
  }

  .fields .wide {
    flex: 1 1 12rem;
  }

  .plan input:not([type="checkbox"]),
  .plan select {
    min-height: var(--_density-control, 2rem);
    padding: 0 0.5rem;
    font-size: 0.8125rem;
  }

  .checks > .muted {
    flex: 0 0 6rem;
  }

  @container (max-width: 40rem) {
    .checks > .muted {
      flex-basis: 100%;
    }
  }

  .checks label {
    display: flex;
    gap: 0.375rem;
    align-items: center;
  }

  .checks label span {
    color: inherit;
    font-weight: inherit;
  }

  .checks input[type="checkbox"] {
    width: 1.25rem;
    min-height: 1.5rem;
    margin: 0;
    padding: 0;
  }

  .checks input[type="number"] {
    width: 5.5rem;
  }

  .plan .problem {
    margin-top: 0.375rem;
  }

  .warning {
    color: var(--_warn);
  }

  .message {
    padding: 0.75rem;
    overflow: auto;
    border-top: 2px solid var(--_border);
    font-size: 0.8125rem;
  }

  .message .head {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem 1rem;
    align-items: center;
  }

  .message .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.375rem;
    margin-inline-start: auto;
  }

  .message button {
    min-height: 2rem;
    padding: 0 0.625rem;
    font-size: 0.8125rem;
  }

  dt {
    margin-top: 0.5rem;
    color: var(--_muted);
  }

  pre {
    margin: 0;
    font-family: var(--_font-mono);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }

  erl-grid::part(kind) {
    font-weight: 600;
  }

  erl-grid::part(kind-exception) {
    color: var(--_danger);
  }

  erl-grid::part(kind-gap) {
    color: var(--_warn);
  }

  erl-grid::part(kind-note) {
    color: var(--_muted);
  }

  erl-grid::part(link) {
    min-height: 1.5rem;
    padding: 0;
    border-color: transparent;
    background: transparent;
    color: var(--_accent);
    font: inherit;
  }
`;
