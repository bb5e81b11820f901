import { afterEach, describe, expect, it } from "vitest";
import { define } from "../../define.ts";
import { type Column, ErlGrid, type Rows } from "./erl-grid.ts";

define("erl-grid", ErlGrid);

const COLUMNS: readonly Column<number>[] = [{ id: "number", title: "Number", width: "1fr", cell: (row) => row }];
let grid: ErlGrid<number>;

afterEach(() => grid.remove());

/** Rows that others add to, as a log is. */
async function open(count: number): Promise<{ rows: Rows<number>; readonly add: (more: number) => void; scroller: Element }> {
  let length = count;
  const rows: Rows<number> = {
    get length() {
      return length;
    },
    at: (index) => index,
    keyOf: String,
  };
  grid = document.createElement("erl-grid") as ErlGrid<number>;
  grid.style.height = "300px";
  Object.assign(grid, { columns: COLUMNS, rows });
  document.body.append(grid);
  await grid.updateComplete;
  await frame();
  const scroller = grid.renderRoot.querySelector('[role="grid"]');
  if (scroller === null) throw new Error("nothing was drawn");
  return { rows, add: (more) => (length += more), scroller };
}

/** Until the browser has told what was scrolled. */
async function frame(): Promise<void> {
  await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  await grid.updateComplete;
}

const lastShown = (): string | null | undefined => grid.renderRoot.querySelector('[role="row"]:last-child')?.textContent?.trim();

describe("a grid whose rows grow", () => {
  it("goes on following its end when rows come between being scrolled and hearing of it", async () => {
    const { add } = await open(100);
    for (let round = 1; round <= 3; round++) {
      add(100);
      grid.rowsChanged({ follow: true });
      await grid.updateComplete;
      add(50);
      await frame();
    }
    grid.rowsChanged({ follow: true });
    await frame();
    expect(lastShown()).toBe("549");
  });

  it("leaves a reader who has scrolled up in place, and follows again from the end on", async () => {
    const { add, scroller } = await open(100);
    grid.rowsChanged({ follow: true });
    await frame();
    expect(lastShown()).toBe("99");
    scroller.scrollTop -= 500;
    await frame();
    const top = scroller.scrollTop;
    add(100);
    grid.rowsChanged({ follow: true });
    await frame();
    expect(scroller.scrollTop).toBe(top);
    scroller.scrollTop = scroller.scrollHeight;
    await frame();
    add(100);
    grid.rowsChanged({ follow: true });
    await frame();
    expect(lastShown()).toBe("299");
  });
});
