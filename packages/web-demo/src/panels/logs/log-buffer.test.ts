import { describe, expect, it } from "vitest";
import { BUFFER_ROWS, textFilter } from "../grid/row-buffer.ts";
import { fieldsOf, LogBuffer } from "./log-buffer.ts";
import { type LogRecord, parseRecord } from "./log-stream.ts";

const record = (message: string, level: LogRecord["level"] = "info"): LogRecord => ({
  time: "2026-01-01T00:00:00Z",
  level,
  pid: "<0.1.0>",
  mfa: "shop:buy/1",
  line: "7",
  domain: "",
  message,
  isGap: false,
});

const messages = (buffer: LogBuffer): (string | undefined)[] =>
  Array.from({ length: buffer.length }, (_, index) => buffer.at(index)?.message);

describe("an event of the log", () => {
  it("has its fields between the characters of the template", () => {
    const chars = "\f2026-01-01T00:00:00.1Z\verror\v<0.9.0>\vshop:buy/1\v12\v\vno stock\nleft: 0\n";
    expect(parseRecord(chars)).toEqual({
      time: "2026-01-01T00:00:00.1Z",
      level: "error",
      pid: "<0.9.0>",
      mfa: "shop:buy/1",
      line: "12",
      domain: "",
      message: "no stock\nleft: 0",
      isGap: false,
    });
  });

  it("may have the separator in its message", () => {
    expect(parseRecord("\ft\vinfo\v\v\v\v\va\vb\n").message).toBe("a\vb");
  });

  it("is a gap where the node says that it left events out", () => {
    expect(parseRecord("\ft\vnotice\v\v\v\v\vHandler erl_console_1 flushed 4979 log events\n").isGap).toBe(true);
  });

  it("is a message without fields where it was not written by the template", () => {
    expect(parseRecord("plain\n")).toMatchObject({ message: "plain", level: "notice" });
  });
});

describe("the last events", () => {
  it("are kept up to a number, and the oldest make room", () => {
    const buffer = new LogBuffer();
    for (let index = 0; index <= BUFFER_ROWS; index++) buffer.add(record(`event ${index}`));
    expect(buffer.size).toBeLessThanOrEqual(BUFFER_ROWS);
    expect(buffer.at(0)?.message).toBe(`event ${buffer.dropped}`);
    expect(buffer.at(buffer.length - 1)?.message).toBe(`event ${BUFFER_ROWS}`);
  });

  it("are shown by level and text, gaps always", () => {
    const buffer = new LogBuffer();
    buffer.add(record("first", "debug"));
    buffer.add(record("second", "error"));
    buffer.addGap("some are missing");
    buffer.filter = { level: "warning", matches: () => true };
    buffer.add(record("third", "critical"));
    buffer.add(record("fourth", "info"));
    expect(messages(buffer)).toEqual(["second", "some are missing", "third"]);
    buffer.filter = { level: "all", matches: textFilter("/^f/", fieldsOf) ?? (() => false) };
    expect(messages(buffer)).toEqual(["first", "some are missing", "fourth"]);
  });

  it("stay in order when the oldest shown ones are dropped", () => {
    const buffer = new LogBuffer();
    buffer.filter = { level: "error", matches: () => true };
    for (let index = 0; index <= BUFFER_ROWS; index++) buffer.add(record(`event ${index}`, index % 500 === 0 ? "error" : "info"));
    expect(messages(buffer).at(0)).toBe(`event ${Math.ceil(buffer.dropped / 500) * 500}`);
  });

  it("are looked for by what is no regular expression with nothing", () => {
    expect(textFilter("/((/", fieldsOf)).toBeUndefined();
  });
});
