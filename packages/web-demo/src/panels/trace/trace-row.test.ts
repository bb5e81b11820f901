import { atom, parse, Tuple } from "@erl-dist/core";
import { describe, expect, it } from "vitest";
import { Words } from "../../words.ts";
import { PANEL_STRINGS } from "../strings.ts";
import { TRACE_STRINGS } from "./strings.ts";
import type { TraceWords } from "./trace-words.ts";
import { BUFFER_ROWS, textFilter } from "../grid/row-buffer.ts";
import { lineOf, TraceBuffer } from "./trace-buffer.ts";
import { partText, tookText, TraceRows } from "./trace-row.ts";

const words: TraceWords = new Words("en", { ...PANEL_STRINGS, ...TRACE_STRINGS });
const rows = new TraceRows();
/** The row of a message in Erlang syntax; with `cut` the node has left out what was too large. */
const rowOf = (text: string, { cut = false, made = rows } = {}) => {
  const message = parse(text);
  if (!(message instanceof Tuple)) throw new TypeError("no tuple");
  return made.row({ message, bytes: text.length, isCut: cut }, undefined, words);
};

describe("rows of trace messages", () => {
  it.each([
    ["{trace,p,call,{lists,last,[[1,2]]}}", "call", "lists:last([1,2])"],
    ["{trace,p,call,{'Elixir.Enum',map,[a,\"b\"]},{shop,sell,2}}", "call", `'Elixir.Enum':map(a, "b")`],
    ["{trace,p,return_from,{lists,last,1},{ok,2}}", "return", "lists:last/1 → {ok,2}"],
    ["{trace,p,exception_from,{lists,last,1},{error,badarg}}", "exception", "lists:last/1 error: badarg"],
    ["{trace,p,send,hello,shop}", "send", "hello → shop"],
    ["{trace,p,send_to_non_existing_process,hello,shop}", "send", "hello → shop"],
    ["{trace,p,'receive',hello}", "receive", "hello"],
    ["{trace,p,spawn,q,{lists,last,[[]]}}", "spawn", "q runs lists:last([])"],
    ["{trace,p,spawned,q,{lists,last,[[]]}}", "spawn", "by q, runs lists:last([])"],
    ["{trace,p,exit,normal}", "exit", "normal"],
    ["{trace,p,link,q}", "link", "link q"],
    ["{trace,p,getting_unlinked,q}", "link", "getting unlinked q"],
    ["{trace,p,register,shop}", "name", "register shop"],
  ])("%s", (message, kind, text) => {
    expect(rowOf(message)).toMatchObject({ kind, text });
  });

  it("say what was too large, and only where something was", () => {
    expect(rowOf("{trace,p,'receive',{large,2097152}}", { cut: true }).text).toBe("2.0 MB term, not loaded");
    expect(rowOf("{trace,p,'receive',{large,2097152}}").text).toBe("{large,2097152}");
    expect(rowOf("{trace,p,call,{lists,last,1}}", { cut: true }).text).toBe("lists:last/1");
  });

  it("pair returns with their calls, the innermost first, and say how long they took", () => {
    const made = new TraceRows();
    const at = (what: string, micros: number) => rowOf(`{trace_ts,p,${what},{1700,0,${micros}}}`, { made });
    const outer = at("call,{m,f,[1]}", 100);
    const inner = at("call,{m,f,[2]}", 110);
    at("call,{m,never_returns,[]}", 111);
    const innerReturn = at("return_from,{m,f,1},b", 150);
    const outerReturn = at("exception_from,{m,f,1},{error,a}", 3_200);
    expect([innerReturn.partner, innerReturn.tookMicros, inner.partner]).toEqual([inner, 40, innerReturn]);
    expect([outerReturn.partner, outerReturn.tookMicros, outer.partner]).toEqual([outer, 3_100, outerReturn]);
    expect(at("return_from,{m,f,1},c", 4_000).partner).toBeUndefined();
    expect(outer.time).toMatch(/:\d\d\.000100$/);
    expect([innerReturn, outerReturn].map(({ tookMicros }) => tookText(tookMicros ?? 0))).toEqual(["40 µs", "3.1 ms"]);
  });

  it("are what the page puts in the place of terms", () => {
    const row = rowOf("{trace,p,call,{m,f,[secret,open]}}");
    const redact = (): ReturnType<typeof atom> => atom("hidden");
    rows.redact(row, redact, words);
    expect(row.text).toBe("m:f(hidden, hidden)");
    expect(row.parts.map((part) => partText(part, redact, words))).toEqual(["hidden", "hidden"]);
  });
});

describe("the buffer of rows", () => {
  it("keeps the last ten thousand, or what fits into 32 MB, and says how many it has dropped", () => {
    const buffer = new TraceBuffer();
    for (let index = 0; index <= BUFFER_ROWS; index++) buffer.add(rowOf(`{trace,p,'receive',${index}}`));
    expect([buffer.size, buffer.dropped, buffer.at(0)?.text]).toEqual([9_000, 1_001, "1001"]);
    const large = new TraceBuffer();
    for (let index = 0; index < 40; index++) large.add({ ...rowOf("{trace,p,'receive',large}"), bytes: 1024 * 1024 });
    expect(large.size).toBeLessThanOrEqual(32);
    expect(large.size + large.dropped).toBe(40);
  });

  it("shows what matches, and what happened to the trace", () => {
    const buffer = new TraceBuffer();
    for (const each of ["book", "pen"]) buffer.add(rowOf(`{trace,p,'receive',${each}}`));
    buffer.add(rows.note("gap", "3 messages are missing"));
    const shown = (filter: string): string[] => {
      buffer.filter = textFilter(filter, lineOf) ?? (() => false);
      return buffer.rows.map(({ text }) => text);
    };
    expect(shown("BOO")).toEqual(["book", "3 messages are missing"]);
    expect(shown("/^.*p.n$/")).toEqual(["pen", "3 messages are missing"]);
    expect(textFilter("/((/", lineOf)).toBeUndefined();
    expect(buffer.rows.map(lineOf)[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{6}\treceive\tpen$/);
  });
});
