import { atom, Pid, tuple } from "@erl-dist/core";
import { describe, expect, it } from "vitest";
import { functionText, parseFilter, processRow, topResult } from "./process-row.ts";
import { PROCESSES_STRINGS } from "./strings.ts";
import { Words } from "../../words.ts";

const pid = new Pid(atom("app@memory"), 123, 0, 1);
const info = (...more: ReturnType<typeof tuple>[]) => [
  tuple(atom("registered_name"), []),
  tuple(atom("initial_call"), tuple(atom("proc_lib"), atom("init_p"), 5)),
  tuple(atom("current_function"), tuple(atom("gen_server"), atom("loop"), 7)),
  tuple(atom("memory"), 2_000),
  tuple(atom("status"), atom("waiting")),
  ...more,
];

describe("a process in the table", () => {
  it("is called by its name, else by its label, else by the function that it began with", () => {
    const began = tuple(tuple(atom("dictionary"), atom("$initial_call")), tuple(atom("shop"), atom("init"), 1));
    const label = tuple(tuple(atom("dictionary"), atom("$process_label")), new TextEncoder().encode("cart 7"));
    const name = tuple(atom("registered_name"), atom("cart"));
    expect(processRow(pid, info())?.name).toBe("proc_lib:init_p/5");
    expect(processRow(pid, info(began))?.name).toBe("shop:init/1");
    expect(processRow(pid, info(began, label))?.name).toBe("cart 7");
    expect(processRow(pid, info(began, label, name))?.name).toBe("cart");
  });

  it("takes the function that it began with from a whole dictionary, as older releases give it", () => {
    const dictionary = tuple(atom("dictionary"), [tuple(atom("$initial_call"), tuple(atom("shop"), atom("init"), 1))]);
    expect(processRow(pid, info(dictionary))?.name).toBe("shop:init/1");
  });

  it("has its pid as its node prints it", () => {
    expect(processRow(pid, info())).toMatchObject({ key: "<0.123.0>", memoryBytes: 2_000, status: "waiting" });
  });

  it("is none when it has ended", () => {
    expect(processRow(pid, atom("undefined"))).toBeUndefined();
  });

  it("quotes names of functions that need it", () => {
    expect(functionText(tuple(atom("Elixir.Enum"), atom("map"), 2))).toBe("'Elixir.Enum':map/2");
  });
});

describe("a filter", () => {
  it.each([
    ["", undefined, undefined],
    ["cart.1", undefined, String.raw`cart\.1`],
    ["/^cart/", undefined, "^cart"],
    ["app:kernel", "kernel", undefined],
    ["app:kernel /sup$/", "kernel", "sup$"],
  ])("reads %j", (filter, application, pattern) => {
    expect(parseFilter(filter)).toEqual({ application, pattern });
  });
});

describe("what the node answers", () => {
  it("says what is wrong with a regular expression", () => {
    const result = topResult(tuple(atom("bad_pattern"), new TextEncoder().encode("missing )"), 2), false);
    if (result.type !== "problem") throw new Error(result.type);
    expect(result.message(new Words("en", PROCESSES_STRINGS))).toBe("Not a regular expression: missing ), at character 2.");
  });

  it("leaves out processes that have ended meanwhile", () => {
    const rows = [tuple(pid, 5, info()), tuple(pid, 4, atom("undefined"))];
    expect(topResult(tuple(atom("ok"), 1_500, 60, 50, rows), true)).toMatchObject({
      type: "rows",
      total: 60,
      matching: 50,
      tookMs: 1.5,
      rows: [{ growth: 5 }],
    });
  });
});
