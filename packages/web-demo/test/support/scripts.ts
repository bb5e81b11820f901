// What is typed into both shells. Each script ends at a prompt.
import type { Step } from "./shells.ts";

const LEFT = "\x1b[D";
const RIGHT = "\x1b[C";
const UP = "\x1b[A";
const DOWN = "\x1b[B";
const ENTER = "\r";
const TAB = "\t";
const BACKSPACE = "\x7f";
const DELETE = "\x1b[3~";
const HOME = "\x1b[H";
const END = "\x1b[F";
const WORD_LEFT = "\x1b[1;5D";
const WORD_RIGHT = "\x1b[1;5C";
const ctrl = (letter: string): string => String.fromCharCode(letter.charCodeAt(0) & 0x1f);
const times = (count: number, keys: string): string => keys.repeat(count);

/** Keys for the history, each with the line that it brings. */
function recalled(...steps: readonly (readonly [keys: string, line: string])[]): Step[] {
  return steps.map(([keys, line]) => ({ keys, shows: `> ${line}\n[row` }));
}

/** To the line above and below, in an input of several lines; in older releases nothing. */
const MOVES: Readonly<Record<string, string>> = { u: "\x1b[1;5A", d: "\x1b[1;5B", l: LEFT, r: RIGHT };

/** A line of digits, longer than the window is wide. */
const LONG = Array.from({ length: 12 }, (_, index) => `"${String(index).repeat(7)}"`).join(",");

/** A prompt of more lines than the window has, as characters of a string in either language. */
const TALL_PROMPT = Array.from({ length: 30 }, (_, index) => `line ${index}\\n`).join("");

/** That prompt, with nothing typed. */
const FRESH = /row 30\ntall> ?\n\[row/;

/** Makes a module whose `f/1` gives a prompt of many lines: Erlang's shell asks a function of a module for its prompt. */
const TALL_MODULE = [
  `Form = fun(S) -> {ok, T, _} = erl_scan:string(S), {ok, A} = erl_parse:parse_form(T), A end.${ENTER}`,
  `{ok, tall, Code} = compile:forms([Form(S) || S <- ["-module(tall).", "-export([f/1]).",${ENTER}`,
  `"f(_) -> [[\\"row \\", integer_to_list(N), $\\n] || N <- lists:seq(1, 30)] ++ \\"tall> \\"."]]).${ENTER}`,
];

export const ERLANG_SCRIPTS: Readonly<Record<string, readonly Step[]>> = {
  "a sum": [{ keys: `1+1.${ENTER}`, shows: /^2\n.*> $|^2\n.*>$/m }],
  "keys that edit a line": [
    { keys: `alpha_beta${times(4, LEFT)}${BACKSPACE}X${RIGHT}Y${ctrl("A")}{${ctrl("E")}}.` },
    { keys: `${ctrl("A")}${RIGHT}${ctrl("K")}${ctrl("Y")}${ENTER}`, shows: /^\{?alpha_bYetaX?\}?$|alpha/m },
  ],
  "words moved over and deleted": [
    { keys: `{first,second,third}.` },
    { keys: `\x1bb\x1bb${ctrl("W")}` },
    { keys: `\x1bf\x1bd` },
    { keys: `${ctrl("E")}${ctrl("U")}done.${ENTER}`, shows: /^done$/m },
  ],
  "characters swapped": [{ keys: `ba${ctrl("T")}, ok.${ENTER}`, shows: /^ok$/m }],
  "an expression of several lines": [{ keys: `[1,${ENTER}2,${ENTER}3].${ENTER}`, shows: "[1,2,3]" }],
  "a completed function": [
    { keys: `lists:revers${TAB}`, shows: "lists:reverse(" },
    { keys: `[1,2]).${ENTER}`, shows: "[2,1]" },
  ],
  "a list of completions": [
    { keys: `lists:key${TAB}${TAB}`, shows: "keysort" },
    { keys: `sort(1,[]).${ENTER}`, shows: /^\[\]$/m },
  ],
  "nothing to complete": [{ keys: `nosuchmodule:nosuch${TAB}${ctrl("U")}ok.${ENTER}`, shows: /^ok$/m }],
  "the line before": [
    { keys: `one.${ENTER}`, shows: /^one$/m },
    { keys: `two.${ENTER}`, shows: /^two$/m },
    // One after the other: what comes in one piece with a key for the history is lost in OTP 25.
    ...recalled([UP, "two."], [UP, "one."], [DOWN, "two."], [UP, "one."]),
    { keys: ENTER, shows: /one[^]*one\.\none/ },
  ],
  "a search in the history": [
    { keys: `needle.${ENTER}`, shows: /^needle$/m },
    { keys: `hay.${ENTER}`, shows: /^hay$/m },
    { keys: ctrl("R"), shows: "search" },
    { keys: "need", shows: /search[^]*needle/ },
    { keys: ENTER, shows: /needle\n[^]*needle\n/ },
    { keys: `${ctrl("U")}found.${ENTER}`, shows: /^found$/m },
  ],
  "characters beyond Latin-1": [
    { keys: `"häß λ".${ENTER}`, shows: /häß λ"\.\n\[104/ },
    { keys: `io:format("~ts~n", ["日本語 é"]).${ENTER}`, shows: /^日本語 é\nok$/m },
  ],
  "a mark joined to its letter": [
    { keys: `"e\u0301x".${LEFT}${LEFT}${LEFT}${BACKSPACE}${ctrl("E")}${ENTER}`, shows: /\[120\]|"x"/ },
  ],
  "a line longer than the window": [
    {
      keys: `[${LONG}].${times(30, LEFT)}abc${times(3, BACKSPACE)}${ctrl("A")}${ctrl("E")}${ENTER}`,
      shows: /"9999999",|1111111"\]/,
    },
  ],
  "an insertion in a line longer than the window": [
    { keys: `[${LONG}].${ctrl("A")}${RIGHT}"new",${ctrl("E")}${ENTER}`, shows: /\["new",/ },
  ],
  "wide characters at the last column": [
    { keys: `"${times(22, "日本")}".${times(30, LEFT)}${BACKSPACE}${ctrl("E")}` },
    { keys: `${ctrl("U")}wide.${ENTER}`, shows: /^wide$/m },
  ],
  "a wide character that does not fit in a row": [
    { keys: `"a${times(40, "界")}".${LEFT}${LEFT}${BACKSPACE}${BACKSPACE}` },
    { keys: `${ctrl("U")}${ctrl("K")}odd.${ENTER}`, shows: /^odd$/m },
  ],
  "an error": [{ keys: `1/0.${ENTER}`, shows: "an error occurred when evaluating an arithmetic expression" }],
  "a syntax error": [{ keys: `1 1.${ENTER}`, shows: "syntax error before: 1" }],
  "several pasted lines": [{ paste: `A1 = 1.\nB1 = A1 + 1.\nC1 = [A1,\n B1].\n`, shows: /^\[1,2\]$/m }],
  "a tab in what is pasted": [{ paste: `{a,    b}.\n`, shows: /^\{a,b\}$/m }],
  "text that is read": [
    { keys: `io:get_line("name? ").${ENTER}`, shows: "name?" },
    { keys: `joe${ENTER}`, shows: '"joe\\n"' },
  ],
  "output while a line is typed": [
    {
      keys: `G = group_leader(), spawn(fun() -> timer:sleep(1500), io:put_chars(G, "late\\n") end), ok.${ENTER}`,
      shows: /^ok$/m,
    },
    { keys: `{half, a`, shows: /^late$/m },
    { keys: `, line}.${ENTER}`, shows: /^\{half,a,line\}$/m },
  ],
  "an input taller than the window": [
    { keys: `length([${Array.from({ length: 30 }, (_, index) => `${index},${ENTER}`).join("")}` },
    { keys: `99]).${ENTER}`, shows: /^31$/m },
  ],
  "movement in an input taller than the window": [
    { paste: `length([${Array.from({ length: 28 }, (_, index) => `${index},\n`).join("")}` },
    { keys: `99]).` },
    ...[...times(3, "u"), ...times(26, "l"), "7", "d", ...times(2, "r")].map((key) => ({ keys: MOVES[key] ?? key })),
    { keys: ctrl("E") },
    { keys: `\x1b>${ENTER}`, shows: /^29$/m },
  ],
  "a prompt taller than the window": [
    { keys: `io:get_line("${TALL_PROMPT}name? ").${ENTER}`, shows: /line 29\nname\? ?$/m },
    { keys: `joan${LEFT}${LEFT}${BACKSPACE}${ctrl("A")}my ${ctrl("E")}ny` },
    { keys: ENTER, shows: '"my janny\\n"' },
  ],
  // What an expression gives has left the window when the next prompt is there.
  "a prompt of the shell's own that is taller than the window": [
    ...TALL_MODULE.map((keys) => ({ keys })),
    { keys: `code:load_binary(tall, "tall", Code).${ENTER}`, shows: /^\{module,tall\}$/m },
    { keys: `shell:prompt_func({tall, f}).${ENTER}`, shows: FRESH },
    { keys: `{edited, lin}${LEFT}e${ctrl("E")}.` },
    { keys: ENTER, shows: FRESH },
    { keys: `[${LONG}].${times(30, LEFT)}abc${times(3, BACKSPACE)}${ctrl("A")}${ctrl("E")}${ENTER}`, shows: FRESH },
    { keys: `shell:prompt_func(default), reset.${ENTER}`, shows: /^reset$/m },
  ],
  "more output than the window has rows": [
    { keys: `[io:format("row ~p~n", [N]) || N <- lists:seq(1, 60)], done.${ENTER}`, shows: /^row 60\ndone$/m },
  ],
  "a row filled to its end": [
    { keys: `io:put_chars(lists:duplicate(80, $x)).${ENTER}`, shows: /^x{80}\nok$|x{80}ok/m },
    { keys: `io:put_chars([lists:duplicate(80, $y), $\\n]).${ENTER}`, shows: /^y{80}\nok$|y{80}ok/m },
  ],
  "control characters and tabs": [
    { keys: `io:put_chars([1, $a, $\\t, $b, 27, "[31mred", 27, "[0m", $\\n]).${ENTER}`, shows: "red" },
  ],
  // Not while a line of several rows is typed: then the real terminal loses some of it, and ours draws it anew.
  "another width of the window": [
    { keys: `narrow`, size: { columns: 50, rows: 24 } },
    { keys: `.${ENTER}`, shows: /^narrow$/m },
    { keys: `io:columns().${ENTER}`, shows: "{ok,50}" },
    { keys: `[${LONG}].${times(20, LEFT)}${ctrl("E")}${ENTER}`, shows: /"9999999",/ },
    { keys: `wide`, size: { columns: 100, rows: 24 } },
    { keys: `.${ENTER}`, shows: /^wide$/m },
    { keys: `io:columns().${ENTER}`, shows: "{ok,100}" },
    { keys: `[${LONG}].${times(20, LEFT)}${ctrl("E")}${ENTER}`, shows: /"9999999",/ },
  ],
  "another height of the window": [
    { size: { columns: 80, rows: 10 }, keys: `io:rows().${ENTER}`, shows: "{ok,10}" },
    { keys: `[io:format("row ~p~n", [N]) || N <- lists:seq(1, 20)], low.${ENTER}`, shows: /^low$/m },
  ],
  "words killed and yanked": [
    { keys: `{alpha, beta, gamma}${ctrl("W")}${ctrl("W")}` },
    { keys: `${ctrl("Y")}${ctrl("A")}${ctrl("Y")}` },
    { keys: `${ctrl("A")}\x1bd${ctrl("E")}${ctrl("U")}` },
    { keys: `${ctrl("Y")}${ctrl("U")}yanked.${ENTER}`, shows: /^yanked$/m },
  ],
  "words moved over with Ctrl and the arrows": [
    { keys: `{first_word, second, third}.${times(2, WORD_LEFT)}` },
    { keys: `X${WORD_LEFT}${WORD_LEFT}${WORD_RIGHT}` },
    { keys: `${times(9, WORD_LEFT)}${times(9, WORD_RIGHT)}${ENTER}`, shows: /first_word[^]*(third|unbound)/ },
  ],
  "the keys Home, End and Delete": [
    { keys: `xxmiddle` },
    { keys: `${HOME}${DELETE}${DELETE}${END}` },
    { keys: `_end${LEFT}${LEFT}${DELETE}` },
    { keys: `${END}.${DELETE}${ENTER}`, shows: /^middle_ed$/m },
  ],
  "movement between the lines of an input": [
    { keys: `[one,${ENTER}{two_is_longer,${ENTER}thr` },
    ...["u", "u", "r", "r", "d", "l", "X", "d", "u"].map((key) => ({ keys: MOVES[key] ?? key })),
    { keys: `\x1b>${ctrl("A")}` },
    { keys: `${ctrl("E")}ee}].${ENTER}`, shows: /ee\}\]\.\n[^]*> ?\n\[row/ },
  ],
  "an input of several lines from the history": [
    { keys: `[1000,${ENTER}2000].${ENTER}`, shows: "[1000,2000]" },
    { keys: UP, shows: /2000\]\.\n\[row/ },
    { keys: ctrl("A") },
    { keys: `${ctrl("E")}${ENTER}`, shows: /2000\]\.\n[^]*2000\]\.\n/ },
    { keys: `next.${ENTER}`, shows: /^next$/m },
  ],
  "a search in the history that goes on, and one that is left": [
    { keys: `pin(1).${ctrl("U")}pin_one.${ENTER}`, shows: /^pin_one$/m },
    { keys: `pin_two.${ENTER}`, shows: /^pin_two$/m },
    { keys: ctrl("R"), shows: "search" },
    { keys: "pin", shows: /search[^]*pin_two/ },
    { keys: ctrl("R"), shows: /search[^]*pin_one/ },
    { keys: "_o" },
    { keys: ctrl("A") },
    { keys: `${ctrl("E")}${ctrl("U")}left.${ENTER}`, shows: /^left$/m },
  ],
  "a search that finds nothing": [
    { keys: ctrl("R"), shows: "search" },
    { keys: "not to be found" },
    { keys: times(16, BACKSPACE) },
    { keys: ENTER },
    { keys: `${ctrl("U")}over.${ENTER}`, shows: /^over$/m },
  ],
  "more completions than there is room for": [
    { keys: `erlang:${TAB}`, shows: /abs|Display|erlang:/ },
    { keys: TAB },
    { keys: DOWN },
    { keys: DOWN },
    { keys: `${ctrl("U")}many.${ENTER}`, shows: /^many$/m },
  ],
  "a completed variable": [
    { keys: `LongVariable = 17.${ENTER}`, shows: /^17$/m },
    { keys: `LongV${TAB}` },
    { keys: `${ctrl("U")}var.${ENTER}`, shows: /^var$/m },
  ],
  "a completed record": [
    { keys: `rd(point, {x_axis, y_axis}).${ENTER}`, shows: /^point$/m },
    { keys: `#poi${TAB}` },
    { keys: `${ctrl("U")}#point{x${TAB}` },
    { keys: `${ctrl("U")}rec.${ENTER}`, shows: /^rec$/m },
  ],
  "a completed name of a file": [
    { keys: `"/usr/lib/erlang/bin/start_${TAB}` },
    { keys: `${ctrl("U")}file.${ENTER}`, shows: /^file$/m },
  ],
  "help for the function at the cursor": [
    { keys: `lists:reverse(\x1bh` },
    { keys: `${ctrl("U")}helped.${ENTER}`, shows: /^helped$/m },
  ],
  "help that is asked for": [{ keys: `h(lists, reverse, 1).${ENTER}`, shows: /> ?\n\[row/ }],
  "marks, emoji and text from right to left": [
    { keys: `"n\u0303o\u0308 x".${times(4, LEFT)}` },
    { keys: `${BACKSPACE}${ctrl("E")}${ENTER}`, shows: /^"|^\[/m },
    { keys: `"שלום עולם".${times(5, LEFT)}` },
    { keys: `${BACKSPACE}${ctrl("E")}${ENTER}`, shows: /^\[1/m },
  ],
  "emoji of several code points": [
    { keys: `"\u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u{1f1e9}\u{1f1ea} x".${times(5, LEFT)}` },
    { keys: `${BACKSPACE}${ctrl("E")}` },
    { keys: `${ctrl("U")}emoji.${ENTER}`, shows: /^emoji$/m },
  ],
  "an expression edited elsewhere": [{ keys: `{to, be, edited` }, { keys: `\x1bo` }, { keys: `}.${ENTER}`, shows: /> ?\n\[row/ }],
  "the window cleared": [
    { keys: `above.${ENTER}`, shows: /^above$/m },
    { keys: `bel${ctrl("L")}` },
    { keys: `ow.${ENTER}`, shows: /below/ },
  ],
  "terms and characters that are read": [
    { keys: `io:read("term? ").${ENTER}`, shows: "term?" },
    { keys: `{some,${ENTER}` },
    { keys: `[term]}.${ENTER}`, shows: "{ok,{some,[term]}}" },
    { keys: `io:get_chars("three? ", 3).${ENTER}`, shows: "three?" },
    { keys: `abc${ENTER}`, shows: '"abc"' },
    { keys: ENTER },
    { keys: `read.${ENTER}`, shows: /^read$/m },
  ],
  "an exception of one's own": [
    { keys: `erlang:error({bad, [<<"bytes">>, #{key => node()}]}).${ENTER}`, shows: /exception error/ },
    { keys: `throw(ball).${ENTER}`, shows: "exception throw: ball" },
    { keys: `exit(oops).${ENTER}`, shows: "exception exit: oops" },
  ],
  "commands of the shell": [
    { keys: `Kept = [1,2,3].${ENTER}`, shows: /^\[1,2,3\]$/m },
    { keys: `v(-1).${ENTER}`, shows: /v\(-1\)\.\n\[1,2,3\]/ },
    { keys: `f(Kept).${ENTER}`, shows: /^ok$/m },
    { keys: `Kept.${ENTER}`, shows: "is unbound" },
  ],
  "output while an input of several rows is typed": [
    {
      keys: `H = group_leader(), spawn(fun() -> timer:sleep(1500), io:put_chars(H, "late\\nlater\\n") end), sent.${ENTER}`,
      shows: /^sent$/m,
    },
    { keys: `[${LONG}${times(50, LEFT)}`, shows: /^later$/m },
    { keys: `${ctrl("E")}${ctrl("U")}quiet.${ENTER}`, shows: /^quiet$/m },
  ],
  "an input of several lines in another width of the window": [
    { keys: `[aaa,${ENTER}${LONG},${ENTER}third`, size: { columns: 80, rows: 24 } },
    { size: { columns: 50, rows: 24 } },
    { keys: `${LEFT}X` },
    { size: { columns: 100, rows: 24 } },
    { keys: `${ctrl("E")}].${ENTER}`, shows: /thirXd\]\n/ },
  ],
  "blanks and line breaks in what is pasted": [
    { paste: `F = fun(X) ->\n        Y = X * 2,\n\n        Y + 1\n    end.\nF(4).\n`, shows: /^9$/m },
  ],
  "the size of the window": [{ keys: `{io:columns(), io:rows()}.${ENTER}`, shows: "{{ok,80},{ok,24}}" }],
};

export const IEX_SCRIPTS: Readonly<Record<string, readonly Step[]>> = {
  "a sum": [{ keys: `1 + 1${ENTER}`, shows: /^2\n/m }],
  "an expression of several lines": [{ keys: `[1,${ENTER}2,${ENTER}3]${ENTER}`, shows: "[1, 2, 3]" }],
  "a block": [{ keys: `if true do${ENTER}:yes${ENTER}end${ENTER}`, shows: /^:yes$/m }],
  "a completed function": [
    { keys: `Enum.flat_map_r${TAB}`, shows: "flat_map_reduce" },
    { keys: `${ctrl("U")}:ok${ENTER}`, shows: /^:ok$/m },
  ],
  "a list of completions": [
    { keys: `String.up${TAB}`, shows: "String.upcase" },
    { keys: `("a")${ENTER}`, shows: '"A"' },
    { keys: `Enum.m${TAB}${TAB}`, shows: "member?" },
    { keys: `${ctrl("U")}:ok${ENTER}`, shows: /^:ok$/m },
  ],
  "characters beyond Latin-1": [{ keys: `"häß 日本 é"${ENTER}`, shows: /\n"häß 日本 é"\n/ }],
  "the line before": [
    { keys: `:one${ENTER}`, shows: /^:one$/m },
    { keys: `:two${ENTER}`, shows: /^:two$/m },
    ...recalled([UP, ":two"], [UP, ":one"]),
    { keys: ENTER, shows: /:one[^]*:one\n:one/ },
  ],
  "an error": [{ keys: `1/0${ENTER}`, shows: "ArithmeticError" }],
  "text that is read": [
    { keys: `IO.gets("name? ")${ENTER}`, shows: "name?" },
    { keys: `joe${ENTER}`, shows: '"joe\\n"' },
  ],
  "a line longer than the window": [
    { keys: `[${LONG}]${times(30, LEFT)}abc${times(3, BACKSPACE)}${ctrl("A")}${ctrl("E")}${ENTER}`, shows: /"9999999",/ },
  ],
  "several pasted lines": [{ paste: `a = 1\nb = a + 1\n{a, b}\n`, shows: "{1, 2}" }],
  "several pasted lines of an expression": [{ paste: `[\n1,\n  2\n]\n`, shows: "[1, 2]" }],
  "a prompt taller than the window": [
    { keys: `IO.gets("${TALL_PROMPT}name? ")${ENTER}`, shows: /line 29\nname\? ?$/m },
    { keys: `joan${LEFT}${LEFT}${BACKSPACE}${ctrl("A")}my ${ctrl("E")}ny` },
    { keys: ENTER, shows: '"my janny\\n"' },
  ],
  // In one step: from Elixir 1.20 on edlin's prompt for the lines below the first, which stands there until the last one is typed, is
  // set by IEx's application, which runs on the node and so where our input is edited, but not where the terminal's is.
  "an input taller than the window": [
    { keys: `length([${Array.from({ length: 30 }, (_, index) => `${index},${ENTER}`).join("")}99])${ENTER}`, shows: /^31$/m },
  ],
  "wide characters at the last column": [
    { keys: `"${times(22, "日本")}"${times(30, LEFT)}${BACKSPACE}${ctrl("E")}` },
    { keys: `${ctrl("U")}:wide${ENTER}`, shows: /^:wide$/m },
  ],
  "a wide character that does not fit in a row": [
    { keys: `"a${times(40, "界")}"${LEFT}${LEFT}${BACKSPACE}${BACKSPACE}` },
    { keys: `${ctrl("U")}${ctrl("K")}:odd${ENTER}`, shows: /^:odd$/m },
  ],
  "another size of the window": [
    { keys: `:narrow`, size: { columns: 50, rows: 24 } },
    { keys: ENTER, shows: /^:narrow$/m },
    { keys: `:io.columns()${ENTER}`, shows: "{:ok, 50}" },
    { keys: `[${LONG}]${times(20, LEFT)}${ctrl("E")}${ENTER}`, shows: /"9999999",/ },
    { keys: `:low`, size: { columns: 80, rows: 10 } },
    { keys: ENTER, shows: /^:low$/m },
    { keys: `:io.rows()${ENTER}`, shows: "{:ok, 10}" },
    { keys: `for n <- 1..20, do: IO.puts("row #{n}")${ENTER}`, shows: /^row 20$/m },
  ],
  "keys that edit a line": [
    { keys: `alpha_beta${times(4, LEFT)}${BACKSPACE}X${RIGHT}Y${HOME}:${END}z` },
    { keys: `${HOME}${RIGHT}${DELETE}${ctrl("K")}${ctrl("Y")}${ENTER}`, shows: /^:lph/m },
  ],
  "words moved over, killed and yanked": [
    { keys: `[:first, :second, :third]${times(2, WORD_LEFT)}` },
    { keys: `${ctrl("W")}${ctrl("E")}` },
    { keys: `${ctrl("Y")}\x1bb\x1bd` },
    { keys: `${ctrl("E")}${ctrl("U")}:words${ENTER}`, shows: /^:words$/m },
  ],
  "a search in the history": [
    { keys: `:needle${ENTER}`, shows: /^:needle$/m },
    { keys: `:hay${ENTER}`, shows: /^:hay$/m },
    { keys: ctrl("R"), shows: "search" },
    { keys: "need", shows: /search[^]*needle/ },
    { keys: ENTER, shows: /needle\n[^]*needle\n/ },
    { keys: `${ctrl("U")}:found${ENTER}`, shows: /^:found$/m },
  ],
  "a pipeline over several lines": [{ keys: `Enum.sum(${ENTER}[1, 2]${ENTER}|> Enum.map(& &1 * 2))${ENTER}`, shows: /^6$/m }],
  "output while a line is typed": [
    {
      keys: `spawn(fn -> Process.sleep(1500); IO.puts("late") end); :sent${ENTER}`,
      shows: /^:sent$/m,
    },
    { keys: `{:half, :a`, shows: /^late$/m },
    { keys: `, :line}${ENTER}`, shows: /^\{:half, :a, :line\}$/m },
  ],
  "more completions than there is room for": [
    { keys: `Enum.${TAB}`, shows: /all\?|zip_with/ },
    { keys: TAB },
    { keys: `${ctrl("U")}:many${ENTER}`, shows: /^:many$/m },
  ],
  "help longer than the window": [{ keys: `h Enum.reduce${ENTER}`, shows: /iex\([^]*> ?\n\[row/ }],
  "an exception of one's own": [
    { keys: `raise ArgumentError, "häß"${ENTER}`, shows: "(ArgumentError) häß" },
    { keys: `throw(:ball)${ENTER}`, shows: ":ball" },
    { keys: `exit(:oops)${ENTER}`, shows: "oops" },
  ],
  "a syntax error": [{ keys: `1 + * 2)${ENTER}`, shows: /yntaxError|TokenMissing|MismatchedDelimiter/ }],
  "more output than the window has rows": [
    { keys: `for n <- 1..60, do: IO.puts("row #{n}"); :done${ENTER}`, shows: /^row 60\n:done$/m },
    { keys: `Enum.to_list(1000..1400)${ENTER}`, shows: /\.\.\.\]|1049/ },
  ],
  "marks and text from right to left": [
    { keys: `"n\u0303o\u0308 x"${times(4, LEFT)}` },
    { keys: `${BACKSPACE}${ctrl("E")}${ENTER}`, shows: /\n"/ },
    { keys: `"שלום עולם"${times(5, LEFT)}` },
    { keys: `${BACKSPACE}${ctrl("E")}${ENTER}`, shows: /\n"ש/ },
  ],
  "help in colours": [{ keys: `h Enum.count/1${ENTER}`, shows: "Returns the size of the" }],
};
