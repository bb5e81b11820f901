// Which of many rows are in view, and where keys lead among them. All rows are as high as each other, and so is the line of titles,
// which covers the first row's height of the view.

export interface View {
  readonly rowPixels: number;
  readonly viewPixels: number;
}

/** Before anything was measured. */
export const DEFAULT_ROW_PIXELS = 32;
/** Rows above and below those in view that exist as well, for scrolling. */
const MARGIN_ROWS = 8;

/** Indices of the rows that exist, when `top` is the first in view; `last` is behind them. */
export function rowsInView(top: number, count: number, { rowPixels, viewPixels }: View): { first: number; last: number } {
  const shown = Math.ceil(viewPixels / rowPixels) + 2 * MARGIN_ROWS;
  const first = Math.max(0, Math.min(top - MARGIN_ROWS, count - shown));
  return { first, last: Math.min(count, first + shown) };
}

/** Brings a row into view, and gives the index of the first one that is. */
export function scrollToRow(scroller: Element, index: number, { rowPixels, viewPixels }: View): number {
  const top = index * rowPixels;
  const last = top - viewPixels + 2 * rowPixels;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (last > scroller.scrollTop) scroller.scrollTop = last;
  return Math.floor(scroller.scrollTop / rowPixels);
}

/** The index that a key leads to; undefined for a key that leads nowhere. */
export function moved(key: string, index: number, count: number, { rowPixels, viewPixels }: View): number | undefined {
  const page = Math.max(1, Math.floor(viewPixels / rowPixels) - 2);
  const next = MOVES[key]?.(index, page, count);
  return next === undefined ? undefined : Math.max(0, Math.min(count - 1, next));
}

/** From the present index, the rows of a page, and all rows. */
const MOVES: Readonly<Record<string, (index: number, page: number, count: number) => number>> = {
  ArrowDown: (index) => index + 1,
  ArrowUp: (index) => index - 1,
  PageDown: (index, page) => index + page,
  PageUp: (index, page) => index - page,
  Home: () => 0,
  End: (_index, _page, count) => count - 1,
};
