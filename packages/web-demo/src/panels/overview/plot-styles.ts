// What uPlot's elements need of its style sheet, for a chart without legend and cursor.
import { type CSSResult, css } from "lit";

export const plotStyles: CSSResult = css`
  .uplot,
  .uplot *,
  .uplot *::before,
  .uplot *::after {
    box-sizing: border-box;
  }

  .uplot {
    width: min-content;
  }

  .u-wrap {
    position: relative;
    user-select: none;
  }

  .u-over,
  .u-under,
  .u-axis,
  .u-select {
    position: absolute;
  }

  .u-under {
    overflow: hidden;
  }

  .uplot canvas {
    position: relative;
    display: block;
    width: 100%;
    height: 100%;
  }
`;
