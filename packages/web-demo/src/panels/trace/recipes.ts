// What the trace panel has the node evaluate. What a release lacks (trace sessions, OTP 27) is asked for by exports.

/**
 * What is to be traced, before it is. Bindings: `What` (`{pid, Text}`, `{name, Text}`, `new_processes` or `processes`) and `Function`
 * (`none`, or `{Module, Function, Arity}` of texts, with `'_'` for any arity). Names that are no atoms on the node do not become atoms.
 *
 * Gives `{ok, HasSessions, Target, Function, Count, Others}`, where `Count` is how many functions that is, and `Others` says who traces
 * there already: pids, `pattern`, `dbg`; or `no_process`, or `no_function`.
 */
export const LOOK: string = `
  Atom = fun(Text) -> try list_to_existing_atom(Text) catch error:badarg -> none end end,
  Target = case What of
    {pid, Text} ->
      try list_to_pid(Text) of
        Pid -> case is_process_alive(Pid) of true -> Pid; false -> undefined end
      catch error:badarg -> undefined
      end;
    {name, Text} -> case Atom(Text) of none -> undefined; Name -> whereis(Name) end;
    _ -> What
  end,
  {Called, Functions} = case Function of
    none -> {none, []};
    {M, F, Arity} ->
      Module = Atom(M),
      Fun = Atom(F),
      All = case erlang:module_loaded(Module) of true -> Module:module_info(functions); false -> [] end,
      {{Module, Fun, Arity},
       [{Module, N, A} || {N, A} <- All, Fun =:= '_' orelse N =:= Fun, Arity =:= '_' orelse A =:= Arity]}
  end,
  HasSessions = try lists:member({session_create, 3}, trace:module_info(exports)) catch error:undef -> false end,
  %% Sessions leave each other alone. Without them a process has one tracer, and a function one pattern.
  Tracer = fun(Traced) -> case erlang:trace_info(Traced, tracer) of {tracer, By} when By =/= [] -> [By]; _ -> [] end end,
  Others = case HasSessions of
    true -> [];
    false ->
      Tracer(case is_pid(Target) of true -> Target; false -> new_processes end) ++
      lists:usort([pattern || Each <- Functions, {traced, How} <- [erlang:trace_info(Each, traced)],
                              How =:= local orelse How =:= global]) ++
      [dbg || whereis(dbg) =/= undefined]
  end,
  if
    Target =:= undefined; is_port(Target) -> no_process;
    Called =/= none, Functions =:= [] -> no_function;
    true -> {ok, HasSessions, Target, Called, length(Functions), Others}
  end`;

/**
 * Traces, as long as the page is there and no limit is reached; to be held, linked to the page. Bindings: `Page` (a pid of ours),
 * `HasSessions`, `Target` and `Function` as LOOK gives them, `Flags` (of erlang:trace/3, without a tracer), `Pattern` (a match
 * specification), `MostCount` and `MostRate` (messages, and those of a second), `MostBytes` (of a message that is sent whole),
 * `MostQueue`, `MostMemory` (of the relay, in bytes) and `PollMs`.
 *
 * The page gets `started`, `{traced, Message, Bytes, Dropped}`, where larger messages are cut and come as `{cut, Message, Bytes, Dropped}`
 * and `Dropped` were left out before it since the connection was full, and at last `{ended, Why}`. The page says `stop`, or goes.
 *
 * Two processes: the relay, which is the tracer, counts, so that no limit waits for the way to the page and back, and ends itself. The
 * other one, of high priority, looks how the relay does, and cleans up after it. Whatever ends either ends both.
 */
export const TRACE: string = `
  process_flag(trap_exit, true),
  process_flag(priority, high),
  Part = fun
    (Term) ->
      case erlang:external_size(Term) of
        Bytes when Bytes =< MostBytes -> Term;
        Bytes ->
          case Term of
            {M, F, Args} when is_atom(M), is_atom(F), length(Args) > 0 -> {M, F, length(Args)};
            _ -> {large, Bytes}
          end
      end
  end,
  Shown = fun(Message) ->
    case erlang:external_size(Message) of
      Bytes when Bytes =< MostBytes -> {traced, Message, Bytes};
      Bytes -> {cut, list_to_tuple(lists:map(Part, tuple_to_list(Message))), Bytes}
    end
  end,
  Relay = spawn_link(fun() ->
    %% Else what is traced may fill its queue before it runs. What it does at that priority has the limits.
    process_flag(priority, high),
    process_flag(max_heap_size, #{size => MostMemory div erlang:system_info(wordsize), kill => true, error_logger => false}),
    Loop = fun Loop(Left, Second, LeftOfSecond, Dropped) ->
      receive
        Message when element(1, Message) =:= trace; element(1, Message) =:= trace_ts ->
          Now = erlang:monotonic_time(second),
          Free = case Now of Second -> LeftOfSecond; _ -> MostRate end,
          Sent = case Free of
            0 -> exit({limit, rate, Dropped});
            _ -> erlang:send(Page, erlang:append_element(Shown(Message), Dropped), [nosuspend, noconnect])
          end,
          Lost = case Sent of ok -> 0; nosuspend -> Dropped + 1; noconnect -> exit(noconnection) end,
          case Left of
            1 -> exit({limit, count, Lost});
            _ -> Loop(Left - 1, Now, Free - 1, Lost)
          end;
        _ -> Loop(Left, Second, LeftOfSecond, Dropped)
      end
    end,
    Loop(MostCount, 0, 0, 0)
  end),
  Session = case HasSessions of true -> trace:session_create(erl_console, Relay, []); false -> none end,
  Functions = fun(Specification) ->
    case {Function, Session} of
      {none, _} -> 0;
      {_, none} -> erlang:trace_pattern(Function, Specification, [local]);
      _ -> trace:function(Session, Function, Specification, [local])
    end
  end,
  Processes = fun(How, On, All) ->
    case Session of
      none -> erlang:trace(How, On, [{tracer, Relay} | All]);
      _ -> trace:process(Session, How, On, All)
    end
  end,
  %% The functions first: they are what floods.
  Stop = fun(Why) ->
    try Functions(false) catch _:_ -> ok end,
    try Processes(Target, false, [all]) catch _:_ -> ok end,
    case Session of none -> ok; _ -> trace:session_destroy(Session) end,
    exit(Relay, kill),
    erlang:send(Page, {ended, Why}, [noconnect])
  end,
  Watch = fun Watch() ->
    receive
      {'EXIT', Relay, Why} -> Stop(Why);
      {'EXIT', _, _} -> Stop(unwatched);
      stop -> Stop(stopped);
      _ -> Watch()
    after PollMs ->
      case process_info(Relay, [message_queue_len, memory]) of
        [{_, Length}, _] when Length > MostQueue -> Stop({limit, queue, Length});
        [_, {_, Memory}] when Memory > MostMemory -> Stop({limit, memory, Memory});
        _ -> Watch()
      end
    end
  end,
  try
    Functions(Pattern),
    Processes(Target, true, Flags)
  of
    _ ->
      %% With all processes this one is among them.
      try Processes(self(), false, [all]) catch _:_ -> ok end,
      Page ! started,
      Watch()
  catch
    _:Reason -> Stop({failed, Reason})
  end`;

/**
 * How a function may go on that has been begun. Bindings: `Text`, of which a part may be missing, and `Most`. Gives a list of texts:
 * modules that are loaded, or the functions of the one before the colon.
 */
export const COMPLETE: string = `
  case string:split(Text, ":") of
    [_] ->
      Modules = lists:sort([atom_to_list(Module) || {Module, _} <- code:all_loaded()]),
      lists:sublist([Module || Module <- Modules, lists:prefix(Text, Module)], Most);
    [M, F] ->
      try list_to_existing_atom(M) of
        Module ->
          All = case erlang:module_loaded(Module) of true -> lists:sort(Module:module_info(functions)); false -> [] end,
          lists:sublist([M ++ ":" ++ atom_to_list(N) ++ "/" ++ integer_to_list(A) || {N, A} <- All,
            lists:prefix(F, atom_to_list(N) ++ "/" ++ integer_to_list(A)), hd(atom_to_list(N)) =/= $-], Most)
      catch error:badarg -> []
      end
  end`;
