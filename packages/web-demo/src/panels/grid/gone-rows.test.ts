import { expect, it } from "vitest";
import { goneRows, rowsOf, withGone } from "./gone-rows.ts";

const row = (name: string) => ({ name, state: "there" });
const [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map(row) as [Row, Row, Row, Row, Row];
type Row = ReturnType<typeof row>;

const after = (shown: readonly Row[], next: readonly Row[]) =>
  goneRows(shown, (each) => (next.includes(each) ? undefined : { ...each, state: "gone" }));

it("keeps what has gone where it stood, for one look, with how it is shown now", () => {
  const next = [b, d];
  const gone = after([a, b, c, d], next);
  expect(withGone(next, gone)).toEqual([{ ...a, state: "gone" }, b, { ...c, state: "gone" }, d]);
  expect(after(next, next)).toEqual([]);
});

it("keeps it at the end of a list that is shorter now", () => {
  expect(withGone([e], after([a, b, c, d], [e])).map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e"]);
  expect(withGone([], after([a, b], [])).map(({ name }) => name)).toEqual(["a", "b"]);
});

it("strikes through what has gone and nothing else, however the list is sorted then", () => {
  const gone = after([a, b, c], [a, c]);
  const sorted = withGone([a, c], gone).toReversed();
  const rows = rowsOf(sorted, gone, ({ name }) => name);
  const indices = [...Array(rows.length).keys()];
  expect(indices.map((index) => rows.keyOf(index))).toEqual(["c", "b", "a"]);
  expect(indices.map((index) => rows.isGone?.(index))).toEqual([false, true, false]);
  expect(rows.at(1)).toEqual({ ...b, state: "gone" });
  expect(rows.at(3)).toBeUndefined();
  expect(rows.keyOf(3)).toBe("3");
});
