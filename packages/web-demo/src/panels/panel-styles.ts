// What panels have in common: the line of controls above, the note where there is nothing, errors, dialogs.
import { type CSSResult, css } from "lit";

export const panelStyles: CSSResult = css`
  :host {
    display: flex;
    flex-direction: column;
    min-width: 0;
    height: var(--erl-panel-height, 32rem);
    accent-color: var(--_accent);
    container-type: inline-size;
  }

  :host([hidden]) {
    display: none;
  }

  .toolbar {
    display: flex;
    flex-wrap: wrap;
    gap: var(--_density-space, 0.5rem) 0.75rem;
    align-items: center;
    padding: var(--_density-space, 0.5rem) 0.75rem;
    border-bottom: 1px solid var(--_border);
  }

  .toolbar label {
    font-size: 0.8125rem;
    display: flex;
    gap: 0.375rem;
    align-items: center;
  }

  .toolbar select,
  .toolbar input:not([type="checkbox"]) {
    width: auto;
    min-height: var(--_density-control, 2rem);
    padding: 0 0.5rem;
    font-size: 0.8125rem;
  }

  .toolbar input[type="checkbox"] {
    width: 1.25rem;
    min-height: 1.5rem;
  }

  .toolbar button {
    min-height: var(--_density-control, 2rem);
    padding: 0 0.625rem;
    font-size: 0.8125rem;
  }

  .toolbar .filter {
    flex: 1 1 12rem;
    min-width: 8rem;
  }

  .toolbar .filter input {
    flex: 1;
    min-width: 0;
  }

  /* A table, and below it what was opened of it: instead of it where there is no room for both. */
  .split {
    display: grid;
    flex: 1;
    grid-template-rows: minmax(0, 1fr) auto;
    min-height: 0;
  }

  .split.with-detail {
    grid-template-rows: minmax(8rem, 1fr) minmax(0, 55%);
  }

  /* In two lines rather than below the controls. */
  .summary {
    flex: 1 1 8rem;
    max-width: max-content;
    margin-inline-start: auto;
    color: var(--_muted);
    font-size: 0.8125rem;
    line-height: 1.25;
    text-align: end;
    text-wrap: balance;
    font-variant-numeric: tabular-nums;
  }

  @container (max-width: 40rem) {
    .split.with-detail {
      grid-template-rows: minmax(0, 1fr);
    }

    .split.with-detail > erl-grid {
      display: none;
    }

    .summary {
      flex-basis: auto;
    }
  }

  .note {
    margin: 0;
    padding: 1.5rem 1rem;
    color: var(--_muted);
    text-align: center;
  }

  .failure {
    margin: 0.75rem;
    padding: 0.75rem 1rem;
    border: 1px solid color-mix(in oklab, var(--_danger), transparent 60%);
    border-inline-start: 4px solid var(--_danger);
    border-radius: var(--_radius-small);
    background: color-mix(in oklab, var(--_danger), var(--_surface) 93%);
    overflow-wrap: anywhere;
  }

  .failure strong {
    color: var(--_danger);
  }

  .failure .buttons,
  dialog .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    margin-top: 0.75rem;
  }

  dialog .buttons {
    justify-content: flex-end;
  }

  button.danger {
    border-color: var(--_danger);
    color: var(--_danger);
  }

  dialog {
    max-width: min(32rem, 90vw);
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_surface);
    color: var(--_text);
    font: 0.9375rem / 1.5 var(--_font-ui);
  }

  dialog::backdrop {
    background: rgb(0 0 0 / 45%);
  }

  dialog p {
    margin-top: 0.5rem;
  }

  .badge {
    padding: 0 0.5rem;
    border: 1px solid var(--_field-border);
    border-radius: 1rem;
    color: var(--_muted);
    font-size: 0.8125rem;
  }

  .muted {
    color: var(--_muted);
  }

  /* What Erlang writes runs from left to right in every language. */
  pre,
  .term,
  .frame {
    direction: ltr;
    unicode-bidi: isolate;
  }

  erl-grid {
    flex: 1;
  }

  /* Told by its colour alone else. */
  @media (forced-colors: active) {
    button:disabled {
      border-style: dashed;
    }
  }
`;
