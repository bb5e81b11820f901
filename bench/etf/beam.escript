#!/usr/bin/env escript
%%! +sbwt none
%% Reads lines "decode|encode Payload Ms" and answers each with the nanoseconds of one run, in CPU time.
-mode(compile).

main([Folder]) ->
    Files = filelib:wildcard(filename:join(Folder, "*.etf")),
    Payloads = maps:from_list([load(File) || File <- Files]),
    io:put_chars("ready\n"),
    loop(Payloads).

load(File) ->
    {ok, Bytes} = file:read_file(File),
    {filename:basename(File, ".etf"), {Bytes, binary_to_term(Bytes)}}.

loop(Payloads) ->
    case io:get_line("") of
        eof -> ok;
        Line ->
            [Direction, Name, Ms] = string:lexemes(Line, " \n"),
            {Bytes, Term} = maps:get(Name, Payloads),
            Run = case Direction of
                "decode" -> fun() -> binary_to_term(Bytes) end;
                "encode" -> fun() -> term_to_binary(Term, [{minor_version, 2}]) end
            end,
            io:format("~b~n", [measure(Run, list_to_integer(Ms), 1)]),
            loop(Payloads)
    end.

measure(Run, Ms, Runs) ->
    {Before, _} = erlang:statistics(runtime),
    repeat(Run, Runs),
    {After, _} = erlang:statistics(runtime),
    Took = After - Before,
    if
        %% The clock counts whole milliseconds.
        Took >= Ms -> Took * 1000000 div Runs;
        Took < Ms div 10 -> measure(Run, Ms, Runs * 10);
        true -> measure(Run, Ms, Runs * 2)
    end.

repeat(_, 0) -> ok;
repeat(Run, Count) -> Run(), repeat(Run, Count - 1).
