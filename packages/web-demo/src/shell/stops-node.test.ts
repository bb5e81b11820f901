import { describe, expect, it } from "vitest";
import { commandThatStops } from "./stops-node.ts";

describe("a command that stops the node", () => {
  it.each([
    ["q().", "q()"],
    ["(app@host)12> q().", "q()"],
    ["c:q().", "c:q()"],
    ["halt().", "halt()"],
    ["erlang:halt(1).", "erlang:halt(1)"],
    ["X = 1, init:stop().", "init:stop()"],
    ["iex(1)> System.halt(0)", "System.halt"],
    ["System.stop", "System.stop"],
    [":init.restart()", ":init.restart"],
  ])("is found in %s", (line, command) => {
    expect(commandThatStops(line)).toBe(command);
  });

  it.each(["seq().", "my_server:stop().", 'io:format("q()").', "Agent.stop(pid)", "halted().", "init:get_arguments()."])(
    "is not found in %s",
    (line) => {
      expect(commandThatStops(line)).toBeUndefined();
    },
  );
});
