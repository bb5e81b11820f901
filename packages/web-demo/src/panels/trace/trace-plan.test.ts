import { describe, expect, it } from "vitest";
import { Words } from "../../words.ts";
import { PANEL_STRINGS } from "../strings.ts";
import { TRACE_STRINGS } from "./strings.ts";
import type { TraceWords } from "./trace-words.ts";
import { FIRST_PLAN, parseFunction, planText, problemOfPlan, type TracePlan } from "./trace-plan.ts";

describe("a function to trace", () => {
  it.each([
    ["lists:reverse/1", { module: "lists", fun: "reverse", arity: 1 }],
    [" lists:reverse ", { module: "lists", fun: "reverse", arity: undefined }],
    ["lists:reverse/_", { module: "lists", fun: "reverse", arity: undefined }],
    ["shop:_", { module: "shop", fun: "_", arity: undefined }],
    ["'Elixir.Shop.Cart':'add!'/2", { module: "Elixir.Shop.Cart", fun: "add!", arity: 2 }],
    ["Shop.Cart.add!/2", { module: "Elixir.Shop.Cart", fun: "add!", arity: 2 }],
    ["Enum.map", { module: "Elixir.Enum", fun: "map", arity: undefined }],
  ])("is read of %s", (text, expected) => {
    expect(parseFunction(text)).toEqual(expected);
  });

  it.each(["lists", "lists:", ":reverse", "lists:reverse/", "lists:reverse/x", "lists reverse", "a:b:c", "Enum", ""])(
    "is not read of '%s'",
    (text) => {
      expect(parseFunction(text)).toBeUndefined();
    },
  );
});

const words: TraceWords = new Words("en", { ...PANEL_STRINGS, ...TRACE_STRINGS });

describe("a plan", () => {
  const good: TracePlan = { ...FIRST_PLAN, process: "<0.84.0>", calls: "lists:last/1" };

  it("can be tried with a process and a function, or with messages", () => {
    expect(problemOfPlan(good)).toBeUndefined();
    expect(problemOfPlan({ ...good, calls: "", receive: true })).toBeUndefined();
    expect(problemOfPlan({ ...good, whom: "new", process: "" })).toBeUndefined();
    expect(planText({ ...good, receive: true }, words)).toBe("lists:last/1, receive in <0.84.0>");
  });

  it.each<[string, Partial<TracePlan>]>([
    ["of the process to trace", { process: " " }],
    ["a pid of the node itself", { process: "<7.84.0>" }],
    ["a function as", { calls: "lists" }],
    ["Nothing to trace", { calls: "" }],
    ["only be traced for a function", { whom: "all", calls: "", receive: true }],
    ["only be traced for a function", { whom: "all", calls: "lists:_" }],
    ["10,000", { count: 10_001 }],
    ["10,000", { count: Number.NaN }],
    ["5,000", { rate: 0 }],
  ])("says what is wrong: %s", (said, more) => {
    const wrong = problemOfPlan({ ...good, ...more });
    expect(wrong === undefined ? "" : words.say(wrong)).toContain(said);
  });
});
