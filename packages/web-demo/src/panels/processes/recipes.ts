// What the process panel asks of the node, as Erlang that the node evaluates. All of it runs on OTP 25 and later: what a release
// lacks (labels, `{dictionary, Key}`) is tried and done without.

import { SHOW } from "../shown-term.ts";

/**
 * Begins a recipe that describes processes by `Describe(Pid)`: how one is called (its name, its label, or the function that it began
 * with) and what it is doing; `undefined` for one that has ended.
 */
export const DESCRIBE: string = `
  HasKeys = try process_info(self(), {dictionary, '$initial_call'}), true catch error:badarg -> false end,
  Always = [registered_name, initial_call, current_function, memory, reductions, message_queue_len, status],
  Items = case HasKeys of
    true -> Always ++ [{dictionary, '$initial_call'}, {dictionary, '$process_label'}];
    false -> Always ++ [dictionary]
  end,
  Keep = fun(Info) ->
    [case Item of
       {dictionary, Dictionary} ->
         {dictionary, [Pair || {Key, _} = Pair <- Dictionary, Key =:= '$initial_call' orelse Key =:= '$process_label']};
       _ -> Item
     end || Item <- Info]
  end,
  Describe = fun(Pid) ->
    case process_info(Pid, Items) of
      undefined -> undefined;
      Info -> Keep(Info)
    end
  end`;

/**
 * The top of all processes. Bindings: `Sort` (an item of process_info/2 that is a number), `Limit`, `Window` (0, or for how many
 * milliseconds to watch how much the item grows), `Pattern` (a regular expression for names, labels and initial calls, or `none`),
 * `App` (the name of an application, or `none`), `Shown` (pids of the node, some of which may have ended).
 *
 * Gives `{ok, Micros, Total, Matching, [{Pid, Value, Info}], Ended}`, or `{bad_pattern, Text, Offset}`, or `no_application`.
 *
 * What is done for each of all processes is done by functions of `lists` with functions of OTP, which is several times faster than
 * evaluating a fun for each; where a fun remains it sees few variables, since the evaluator copies them.
 */
export const TOP: string = `
  Each = fun(Fun, List, Constant) -> lists:zipwith(Fun, List, lists:duplicate(length(List), Constant)) end,
  %% Drops what is undefined: atoms come before tuples and lists.
  Alive = fun(Infos, Pids) ->
    Dead = length(lists:filter(fun erlang:is_atom/1, Infos)),
    lists:unzip(lists:nthtail(Dead, lists:keysort(1, lists:zip(Infos, Pids))))
  end,
  Numbers = fun(Infos) -> lists:zipwith(fun erlang:element/2, lists:duplicate(length(Infos), 2), Infos) end,
  Lead = fun(Pids, Leader) -> [Pid || {Is, Pid} <- lists:zip(Each(fun erlang:process_info/2, Pids, group_leader), Pids), Is =:= Leader] end,
  Named = fun(Pids, Matcher) ->
    Label = try process_info(self(), {dictionary, '$process_label'}), [{dictionary, '$process_label'}] catch error:badarg -> [] end,
    {Infos, There} = Alive(Each(fun erlang:process_info/2, Pids, [registered_name | Label]), Pids),
    {_, Values} = lists:unzip(lists:map(fun lists:unzip/1, Infos)),
    Formats = lists:duplicate(length(There), lists:append(lists:duplicate(length([x | Label]), "~0tp "))),
    Calls = lists:map(fun erlang:tuple_to_list/1, lists:map(fun proc_lib:translate_initial_call/1, There)),
    Texts = lists:zipwith(fun erlang:'++'/2, lists:zipwith(fun io_lib:format/2, Formats, Values),
      lists:zipwith(fun io_lib:format/2, lists:duplicate(length(There), "~tp:~tp/~p"), Calls)),
    Results = lists:zipwith3(fun re:run/3, Texts, lists:duplicate(length(There), Matcher),
      lists:duplicate(length(There), [{capture, none}])),
    [Pid || {match, Pid} <- lists:zip(Results, There)]
  end,
  Now = fun(Pids, Key) ->
    {Infos, There} = Alive(Each(fun erlang:process_info/2, Pids, Key), Pids),
    lists:zip(Numbers(Infos), There)
  end,
  Growth = fun(Pids, Key, WindowMs) ->
    {First, There} = Alive(Each(fun erlang:process_info/2, Pids, Key), Pids),
    timer:sleep(WindowMs),
    {Second, Both} = Alive(Each(fun erlang:process_info/2, There, Key), lists:zip(First, There)),
    {Before, Still} = lists:unzip(Both),
    lists:zip(lists:zipwith(fun erlang:'-'/2, Numbers(Second), Numbers(Before)), Still)
  end,
  Measure = fun(Pids, Key, 0) -> Now(Pids, Key); (Pids, Key, WindowMs) -> Growth(Pids, Key, WindowMs) end,
  Best = fun(Measured, Count) -> lists:sublist(lists:reverse(lists:keysort(1, Measured)), Count) end,
  Choose = fun
    (Pids, none, none) -> Pids;
    (Pids, Leader, none) -> Lead(Pids, Leader);
    (Pids, none, Matcher) -> Named(Pids, Matcher);
    (Pids, Leader, Matcher) -> Named(Lead(Pids, Leader), Matcher)
  end,
  Compiled = case Pattern of none -> {ok, none}; _ -> re:compile(Pattern, [caseless, unicode]) end,
  Leading = case App of
    none -> none;
    _ ->
      try application_controller:get_master(binary_to_existing_atom(App)) of
        undefined -> unknown;
        Master -> {group_leader, Master}
      catch error:badarg -> unknown
      end
  end,
  case {Compiled, Leading} of
    {{error, {Why, Offset}}, _} -> {bad_pattern, unicode:characters_to_binary(Why), Offset};
    {_, unknown} -> no_application;
    {{ok, Matching}, _} ->
      Start = erlang:monotonic_time(microsecond),
      All = lists:delete(self(), processes()),
      Chosen = Choose(All, Leading, Matching),
      Top = Best(Measure(Chosen, Sort, Window), Limit),
      ${DESCRIBE},
      Rows = [{Pid, Value, Info} || {Value, Pid} <- Top, Info <- [Describe(Pid)], Info =/= undefined],
      {ok, erlang:monotonic_time(microsecond) - Start - Window * 1000, length(All), length(Chosen), Rows,
        [Pid || Pid <- Shown, not is_process_alive(Pid)]}
  end`;

/** Bindings: `Pids`. Gives the info of each, or `undefined` for one that has ended. */
export const DESCRIBE_SOME: string = `
  ${DESCRIBE},
  [Describe(Pid) || Pid <- Pids]`;

/**
 * Bindings: `Pid`. Gives the items that the node has of it, with the names of what it is linked to, or `undefined`. A pid of
 * another node is never asked for: that is an error, not an answer.
 */
export const INFO: string = `
  Base = process_info(Pid, [registered_name, initial_call, current_function, status, message_queue_len, priority, trap_exit,
    memory, total_heap_size, heap_size, stack_size, reductions, garbage_collection, suspending, group_leader, dictionary,
    current_stacktrace, links, monitors, monitored_by]),
  case Base of
    undefined -> undefined;
    _ ->
      Parent = try process_info(Pid, parent) catch error:badarg -> {parent, undefined} end,
      Of = fun(Key) -> {_, Value} = lists:keyfind(Key, 1, Base), Value end,
      Dictionary = Of(dictionary),
      Ours = fun(Other) -> is_pid(Other) andalso node(Other) =:= node() end,
      Name = fun(Other) ->
        case Ours(Other) andalso process_info(Other, registered_name) of
          {_, Registered} -> Registered;
          _ -> none
        end
      end,
      Short = fun(Kind) ->
        List = Of(Kind),
        {length(List), [{Other, case Other of {_, P} -> Name(P); _ -> Name(Other) end} || Other <- lists:sublist(List, 200)]}
      end,
      Stack = [{M, F, case A of _ when is_list(A) -> length(A); _ -> A end,
                unicode:characters_to_binary(proplists:get_value(file, Where, "")), proplists:get_value(line, Where, 0)}
               || {M, F, A, Where} <- Of(current_stacktrace)],
      [Parent, {stack, Stack}, {links, Short(links)}, {monitors, Short(monitors)}, {monitored_by, Short(monitored_by)},
       {dictionary, {length(Dictionary), [Pair || {Key, _} = Pair <- Dictionary, Key =:= '$initial_call' orelse Key =:= '$process_label']}}
       | [Item || {Key, _} = Item <- Base,
          not lists:member(Key, [links, monitors, monitored_by, dictionary, current_stacktrace])]]
  end`;

/**
 * Bindings: `Pid`, `Count`, `MostMessages`, and those of showBindings. Gives `{Length, [Shown]}`, or `{too_many, Length}` where the
 * queue is not to be copied.
 */
export const MESSAGES: string = `
  ${SHOW},
  case process_info(Pid, message_queue_len) of
    undefined -> undefined;
    {_, Length} when Length > MostMessages -> {too_many, Length};
    {_, _} ->
      {messages, Messages} = process_info(Pid, messages),
      {length(Messages), [Show(Message) || Message <- lists:sublist(Messages, Count)]}
  end`;

/** Bindings as of MESSAGES. Gives `{Length, [{Key, Value}]}`, each as shown. */
export const DICTIONARY: string = `
  ${SHOW},
  case process_info(Pid, dictionary) of
    undefined -> undefined;
    {_, Dictionary} -> {length(Dictionary), [{Show(Key), Show(Value)} || {Key, Value} <- lists:sublist(Dictionary, Count)]}
  end`;

/**
 * Bindings: `Pid`, and those of showBindings. sys:get_state/2 sends a message to the process; one that is no OTP process never reads it.
 */
export const STATE: string = `
  ${SHOW},
  {Micros, State} = timer:tc(sys, get_state, [Pid, 1000]),
  {Micros, Show(State)}`;
