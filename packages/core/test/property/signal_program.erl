%% Runs programs of links, monitors, exits, … on two nodes, and tells what every process saw after each step.
%%
%% A worker does what it is told, and reports all else that it receives. A controller on each node tells its workers what to do
%% and gathers their reports; controller.ts is the same for a node of ours. run/2 conducts both of them.
%%
%% Nodes that run this have one scheduler (+S 1). A process that ends then has told everybody when its DOWN arrives.
-module(signal_program).
-export([start/0, run/2, worker/1]).

-define(TIMEOUT, 20000).

%% Controller: answers {From, Ref, Request} with {Ref, Answer}.

start() ->
    logger:set_primary_config(level, none),
    true = register(?MODULE, spawn(fun() -> controller(#{}) end)),
    ok.

%% Live: the controller's own monitor of each worker.
controller(Live) ->
    receive
        {From, Ref, Request} when is_pid(From) ->
            {Answer, NewLive} = answer(Request, Live),
            From ! {Ref, Answer},
            controller(NewLive)
    end.

answer({start, Count}, Live) ->
    Workers = [spawn(?MODULE, worker, [self()]) || _ <- lists:seq(1, Count)],
    {{self(), Workers}, lists:foldl(fun adopt/2, Live, Workers)};
answer({adopt, Worker}, Live) ->
    {ok, adopt(Worker, Live)};
answer({do, Worker, Command}, Live) ->
    {ask(Worker, {do, Command}, Live), Live};
answer({disconnect, Peer, Worker, Command}, Live) ->
    Ref = monitor(process, {?MODULE, Peer}),
    erlang:disconnect_node(Peer),
    receive {'DOWN', Ref, process, _, noconnection} -> ok end,
    lists:foreach(fun(Each) -> ask(Each, sync, Live) end, maps:keys(Live)),
    {ask(Worker, {do, Command}, Live), Live};
answer(settle, Live) ->
    lists:foreach(fun(Worker) -> ask(Worker, sync, Live) end, maps:keys(Live)),
    Reports = reports(),
    {Reports, maps:without([Worker || {Worker, {ended, _}} <- Reports], Live)};
answer(stop, Live) ->
    maps:foreach(fun(Worker, _) -> exit(Worker, kill) end, Live),
    maps:foreach(fun(_, Ref) -> receive {'DOWN', Ref, process, _, _} -> ok end end, Live),
    _ = reports(),
    {ok, #{}}.

adopt(Worker, Live) -> Live#{Worker => monitor(process, Worker)}.

%% What the worker answers, or died; reports/0 takes the DOWN.
ask(Worker, Request, Live) ->
    case Live of
        #{Worker := Monitor} ->
            Ref = make_ref(),
            Worker ! {self(), Ref, Request},
            receive
                {Ref, Answer} -> Answer;
                {'DOWN', Monitor, process, Worker, _} = Down -> self() ! Down, died
            end;
        #{} ->
            dead
    end.

reports() ->
    receive
        {observed, Worker, What} -> [{Worker, What} | reports()];
        {'DOWN', _, process, Worker, Reason} -> [{Worker, {ended, Reason}} | reports()]
    after 0 -> []
    end.

%% Worker.

worker(Controller) ->
    receive
        {Controller, _, {do, return}} ->
            returned;
        {Controller, Ref, {do, Command}} ->
            Controller ! {Ref, try execute(Command, Controller) catch error:Reason -> Reason end},
            worker(Controller);
        {Controller, Ref, sync} ->
            Controller ! {Ref, ok},
            worker(Controller);
        Message ->
            Controller ! {observed, self(), Message},
            worker(Controller)
    end.

execute(nothing, _) -> true;
execute({link, Pid}, _) -> link(Pid);
execute({unlink, Pid}, _) -> unlink(Pid);
execute({monitor, Target, none}, _) -> monitor(process, Target);
execute({monitor, Target, Alias}, _) -> monitor(process, Target, [{alias, Alias}]);
execute({demonitor, Ref, true}, _) -> demonitor(Ref, [info, flush]);
execute({demonitor, Ref, false}, _) -> demonitor(Ref, [info]);
execute({send, To, Messages}, _) -> lists:foreach(fun(Message) -> To ! Message end, Messages), true;
execute({exit, Reason}, _) -> exit(Reason);
execute({exit, Pid, Reason}, _) -> exit(Pid, Reason);
execute({trap_exit, Trap}, _) -> process_flag(trap_exit, Trap), true;
execute({register, Name}, _) -> register(Name, self());
execute({unregister, Name}, _) -> unregister(Name);
execute({alias, Kind}, _) -> alias([Kind]);
execute({unalias, Ref}, _) -> unalias(Ref);
execute({spawn, Node, Function, Arguments, Options}, _) -> spawn_opt(Node, ?MODULE, Function, Arguments, Options).

%% Conductor. Peer is the other node; a step is {Who, Command}, or {disconnect, Who, Command}, where the node of Who first breaks
%% the connection. The next signal to the other side connects again.
%%
%% The trace has for each step what the command returned and what everybody saw: [{Step, Result, [{Who, Saw}]}]. What has no
%% order in Erlang has none here: a step's observations are sorted by where they come from.

run(Peer, Steps) ->
    Nodes = [node(), Peer],
    stop(Nodes),
    {ControllerA, [A0, A1]} = call(node(), {start, 2}),
    {ControllerB, [B0, B1]} = call(Peer, {start, 2}),
    Pids = #{a0 => A0, a1 => A1, b0 => B0, b1 => B1},
    Labels = maps:from_list([{Pid, Name} || {Name, Pid} <- maps:to_list(Pids)]),
    State = #{nodes => #{a => node(), b => Peer}, controllers => #{a => ControllerA, b => ControllerB}, spawned => 0,
              pids => Pids, slots => #{}, labels => Labels#{node() => a, Peer => b}},
    {Trace, _} = lists:mapfoldl(fun step/2, State, lists:zip(lists:seq(1, length(Steps)), Steps)),
    stop(Nodes),
    Trace.

%% What the last signals cause is over too.
stop(Nodes) -> [call(Node, Request) || Request <- [stop, settle, settle], Node <- Nodes], ok.

step({Index, {disconnect, Who, Command}}, State) -> step(Index, Who, Command, fun(Other) -> {disconnect, Other} end, State);
step({Index, {Who, Command}}, State) -> step(Index, Who, Command, fun(_) -> {do} end, State).

step(Index, Who, Command, Head, #{nodes := #{a := A, b := B} = Nodes} = State) ->
    try
        Worker = pid(Who, State),
        Resolved = resolve(Command, Worker, Who, Index, State),
        [Other] = [A, B] -- [node(Worker)],
        Result = call(node(Worker), list_to_tuple(tuple_to_list(Head(Other)) ++ [Worker, Resolved])),
        NewState = remember(Command, Result, Who, Index, State),
        Reports = settle(maps:values(Nodes), [], 1),
        #{labels := Labels} = NewState,
        Seen = [{label(Reporter, Labels), label(What, Labels)} || {Reporter, What} <- Reports],
        Shown = case Head(Other) of {disconnect, _} -> {disconnect, Who}; {do} -> Who end,
        {{Index, Shown, Command, outcome(Command, label(Result, Labels)), by_origin(without_last_words(Seen))}, NewState}
    catch
        throw:unknown -> {{Index, Who, Command, skipped, []}, State}
    end.

%% What comes back over a link may be there before or after who caused it has answered.
outcome({spawn, _, _, missing, [link]}, _) -> started;
outcome({exit, _, _}, _) -> true;
outcome({link, _}, died) -> true;
outcome(_, Result) -> Result.

%% The command with everybody's pids and references in it; skipped when it speaks of what there is not.
resolve({Verb, Target}, _, _, _, State) when Verb =:= link; Verb =:= unlink -> {Verb, pid(Target, State)};
resolve({monitor, _, Target, Alias}, _, _, _, State) -> {monitor, destination(Target, State), Alias};
resolve({demonitor, Slot, Flush}, _, Who, _, State) -> {demonitor, slot(Who, Slot, State), Flush};
resolve({send, To, Count}, Worker, _, Index, State) ->
    {send, destination(To, State), [{hello, Worker, Index, N} || N <- lists:seq(1, Count)]};
resolve({exit, Target, Reason}, _, _, _, State) -> {exit, pid(Target, State), Reason};
resolve({alias, _, Kind}, _, _, _, _) -> {alias, Kind};
resolve({unalias, Slot}, _, Who, _, State) -> {unalias, slot(Who, Slot, State)};
resolve({spawn, _, Side, worker, Options}, _, _, _, #{nodes := Nodes, controllers := Controllers}) ->
    {spawn, map_get(Side, Nodes), worker, [map_get(Side, Controllers)], Options};
resolve({spawn, _, Side, Missing, Options}, _, _, _, #{nodes := Nodes}) ->
    {spawn, map_get(Side, Nodes), Missing, [], Options};
resolve(Command, _, _, _, _) -> Command.

pid(Name, #{pids := Pids}) -> known(Name, Pids).

destination({name, Side, Name}, #{nodes := Nodes}) -> {Name, map_get(Side, Nodes)};
destination({alias, Owner, Slot}, State) -> slot(Owner, Slot, State);
destination(Name, State) -> pid(Name, State).

slot(Who, Slot, #{slots := Slots}) -> known({Who, Slot}, Slots).

known(Key, Map) -> case Map of #{Key := Value} -> Value; #{} -> throw(unknown) end.

%% A command may give a reference, which goes into a slot of its worker, or a new worker, which is called s1, s2, … by order.
remember({spawn, Slot, _, Function, _}, {Pid, Ref}, Who, Index, State) ->
    remember({spawn, Slot, a, Function, []}, Pid, Who, Index, keep(Who, Slot, Ref, Index, State));
remember({spawn, _, _, worker, _}, Pid, _, _, #{spawned := Count, pids := Pids, labels := Labels} = State) when is_pid(Pid) ->
    ok = call(node(Pid), {adopt, Pid}),
    Name = list_to_atom("s" ++ integer_to_list(Count + 1)),
    State#{spawned := Count + 1, pids := Pids#{Name => Pid}, labels := Labels#{Pid => Name}};
remember({spawn, _, _, _, _}, Pid, _, Index, #{labels := Labels} = State) when is_pid(Pid) ->
    State#{labels := Labels#{Pid => {missing, Index}}};
remember({Verb, Slot, _}, Ref, Who, Index, State) when Verb =:= alias, is_reference(Ref) -> keep(Who, Slot, Ref, Index, State);
remember({monitor, Slot, _, _}, Ref, Who, Index, State) when is_reference(Ref) -> keep(Who, Slot, Ref, Index, State);
remember(_, _, _, _, State) -> State.

keep(Who, Slot, Ref, Index, #{slots := Slots, labels := Labels} = State) ->
    State#{slots := Slots#{{Who, Slot} => Ref}, labels := Labels#{Ref => {ref, Index}}}.

label(Term, Labels) when is_map_key(Term, Labels) -> map_get(Term, Labels);
label(Term, Labels) when is_tuple(Term) -> list_to_tuple(label(tuple_to_list(Term), Labels));
label([Head | Tail], Labels) -> [label(Head, Labels) | label(Tail, Labels)];
label(Term, _) -> Term.

%% Whether something else reached a process before that which ended it is chance.
without_last_words(Seen) ->
    Ended = [Who || {Who, {ended, _}} <- Seen],
    [Each || {Who, What} = Each <- Seen, element(1, What) =:= ended orelse not lists:member(Who, Ended)].

by_origin(Seen) -> [Each || {_, Each} <- lists:keysort(1, [{{Who, origin(What)}, Each} || {Who, What} = Each <- Seen])].

origin({ended, _}) -> {4, ended};
origin({'DOWN', Ref, process, _, _}) -> {3, Ref};
origin({'EXIT', From, _}) -> {2, From};
origin(Message) -> {1, element(2, Message)}.

%% Until nobody on either side has seen anything new.
settle(Nodes, Reports, Round) ->
    case lists:append([call(Node, settle) || Node <- Nodes]) of
        [] when Round > 1 -> Reports;
        New -> settle(Nodes, Reports ++ New, Round + 1)
    end.

call(Node, Request) ->
    Ref = make_ref(),
    {?MODULE, Node} ! {self(), Ref, Request},
    receive {Ref, Answer} -> Answer
    after ?TIMEOUT -> error({no_answer, Node, Request})
    end.
