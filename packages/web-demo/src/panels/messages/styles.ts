import { type CSSResult, css } from "lit";

export const styles: CSSResult = css`
  .body {
    flex: 1;
    min-height: 0;
    display: grid;
    grid-template-columns: minmax(15rem, 20rem) minmax(0, 1fr);
  }

  .body.without-sending {
    grid-template-columns: minmax(0, 1fr);
    border-top: 1px solid var(--_border);
  }

  .side {
    overflow: auto;
    border-inline-end: 1px solid var(--_border);
  }

  .send-form {
    display: grid;
    gap: 0.75rem;
    align-content: start;
    padding: 1rem;
  }

  .pg {
    padding: 0.75rem 1rem;
    border-top: 1px solid var(--_border);
    font-size: 0.8125rem;
  }

  .pg summary {
    min-height: 1.5rem;
    font-weight: 600;
    cursor: pointer;
  }

  .pg ul {
    margin: 0.5rem 0;
    padding: 0;
    list-style: none;
  }

  .pg li {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem 0.5rem;
    align-items: center;
    padding: 0.25rem 0;
  }

  .pg li button {
    min-height: 1.75rem;
    margin-inline-start: auto;
    padding: 0 0.5rem;
    font-size: 0.8125rem;
  }

  .join {
    display: grid;
    gap: 0.5rem;
    margin-top: 0.5rem;
  }

  .join button {
    justify-self: start;
  }

  .answer {
    grid-column: 3;
    justify-self: start;
    min-height: 1.75rem;
    padding: 0 0.5rem;
    font-size: 0.8125rem;
  }

  .send-form button {
    justify-self: start;
  }

  .messages {
    display: flex;
    flex-direction: column;
    min-width: 0;
  }

  .messages-head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    padding: 0.5rem 1rem;
  }

  .log {
    flex: 1;
    min-height: 6rem;
    overflow: auto;
    border-top: 1px solid var(--_border);
    background: var(--_surface-2);
  }

  .log:focus-visible {
    outline-offset: -2px;
  }

  .log ol {
    list-style: none;
  }

  .empty {
    padding: 1.5rem 1rem;
    color: var(--_muted);
    text-align: center;
  }

  .entry {
    display: grid;
    grid-template-columns: auto 10rem minmax(0, 1fr);
    gap: 0 0.875rem;
    align-items: baseline;
    padding: 0.375rem 1rem;
    font-size: 0.875rem;
  }

  .entry + .entry {
    border-top: 1px solid var(--_border);
  }

  .entry time {
    color: var(--_muted);
    font-variant-numeric: tabular-nums;
  }

  .entry .party {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .entry .way {
    color: var(--_muted);
  }

  .entry .term {
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }

  .entry.received .term {
    font-weight: 600;
  }

  .invitation {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.375rem 0.625rem;
    padding: 0.625rem 1rem;
    border-top: 1px solid var(--_border);
  }

  .invitation code {
    overflow-wrap: anywhere;
  }

  .invitation button {
    margin-inline-start: auto;
  }

  @container (max-width: 46rem) {
    .body {
      grid-template-columns: minmax(0, 1fr);
    }

    .body {
      overflow: auto;
    }

    .side {
      overflow: visible;
      border-inline-end: 0;
      border-bottom: 1px solid var(--_border);
    }
  }

  @container (max-width: 30rem) {
    .entry {
      grid-template-columns: minmax(0, 1fr) auto;
    }

    .entry .party {
      order: -1;
    }

    .entry .term {
      grid-column: 1 / -1;
    }
  }
`;
