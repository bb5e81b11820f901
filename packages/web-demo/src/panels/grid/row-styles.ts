// How rows look of which only those in view exist: those of a table and those of a tree.
import { type CSSResult, css } from "lit";

export const rowStyles: CSSResult = css`
  :host {
    position: relative;
    display: flex;
    flex-direction: column;
    min-height: 0;
    container-type: inline-size;
    font-size: 0.8125rem;
    --_row-height: var(--erl-row-height, var(--_density-row, 2rem));
  }

  .scroller {
    flex: 1;
    min-height: 0;
    overflow: auto;
    overscroll-behavior: contain;
    scrollbar-gutter: stable;
    /* The line of titles goes on above the bar that scrolls. */
    background: linear-gradient(var(--_surface-2) calc(var(--_row-height) - 1px), var(--_border) 0) 0 0 / 100% var(--_row-height)
      no-repeat;
  }

  .line {
    display: grid;
    grid-template-columns: var(--_columns);
    gap: 0 0.75rem;
    align-items: center;
    box-sizing: border-box;
    height: var(--_row-height);
    padding: 0 0.75rem;
    border-bottom: 1px solid var(--_border);
    cursor: default;
  }

  .head {
    position: sticky;
    z-index: 1;
    top: 0;
    background: var(--_surface-2);
    color: var(--_muted);
    font-weight: 600;
  }

  .space {
    position: relative;
  }

  /* Over the rows and not among them, where there is nothing else. */
  .empty {
    position: absolute;
    inset-inline: 0;
    top: var(--_row-height);
    padding: 1.5rem 1rem;
    color: var(--_muted);
    text-align: center;
    pointer-events: none;
  }

  .space .line {
    position: absolute;
    inset-inline: 0;
    top: 0;
  }

  .space .line:hover {
    background: var(--_surface-2);
  }

  .space .line[aria-selected="true"] {
    background: color-mix(in oklab, var(--_accent), var(--_surface) 90%);
    box-shadow: inset 3px 0 var(--_accent);
  }

  .space .line[aria-selected="true"]:dir(rtl) {
    box-shadow: inset -3px 0 var(--_accent);
  }

  .space .gone {
    color: var(--_muted);
    text-decoration: line-through;
  }

  .space .line:focus-visible {
    outline-offset: -2px;
  }

  .cell {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .numeric {
    font-variant-numeric: tabular-nums;
    text-align: end;
  }

  @media (forced-colors: active) {
    /* Not an outline: that is the focus. */
    .space .line[aria-selected="true"] {
      padding-inline-start: calc(0.75rem - 5px);
      border-inline-start: 5px solid Highlight;
    }
  }

  @container (max-width: 40rem) {
    .wide {
      display: none;
    }

    .line {
      grid-template-columns: var(--_narrow-columns);
    }
  }
`;
