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
    ["  q ( ) .", "q()"],
    ["init : stop ( ).", "init:stop()"],
    ["init:\n   stop(\n).", "init:stop()"],
    ["[ok, halt(0)].", "halt(0)"],
    ["X=halt().", "halt()"],
    ["{q()}.", "q()"],
    ["begin ok, erlang:halt() end.", "erlang:halt()"],
    ["spawn(fun()->init:reboot()end).", "init:reboot()"],
    ["0 |> System.halt", "System.halt"],
    ["0 |> System.halt()", "System.halt"],
    ["0\n|> System.\n  stop()", "System.stop"],
    ["0 |> then(&System.halt/1)", "System.halt"],
    ["[&System.stop/0]", "System.stop"],
    ["x=:erlang.halt(0)", ":erlang.halt"],
    ['"a string" |> IO.puts(); System.restart', "System.restart"],
  ])("is found in %s", (line, command) => {
    expect(commandThatStops(line)).toBe(command);
  });

  it.each([
    "my:q().",
    "my : halt().",
    "X#q.halt",
    "My.System.halt(1)",
    '"0 |> System.halt()"',
    '"a\nhalt()\n"',
    "seq().",
    "my_server:stop().",
    'io:format("q()").',
    "Agent.stop(pid)",
    "halted().",
    "init:get_arguments().",
  ])("is not found in %s", (line) => {
    expect(commandThatStops(line)).toBeUndefined();
  });
});
