// What the tree asks of the node, as Erlang that the node evaluates: only functions that OTP documents or has had since OTP 25, and no
// request to a process that is not known to answer it. All of it is one round trip, in which what fails fails alone.
import { DESCRIBE } from "../processes/recipes.ts";
import { SHOW } from "../shown-term.ts";

/** A supervisor, or who else is asked, has this long to answer. */
export const PATIENCE_MS = 1_000;
/** A supervisor that has more children is not asked for them, since it would do nothing else meanwhile. */
export const MOST_CHILDREN = 500;
/** Nodes with more processes are not counted through: it would cost more than it tells. */
const MOST_COUNTED = 10_000;
const DESCRIPTION_CHARACTERS = 200;

/**
 * `Timed(Fun)` gives `{ok, Value}`, `failed`, or after PATIENCE_MS `timeout`. The process that waits then is killed, as it would be if
 * this one were: whom it has asked is none the worse for that, and its answer, when it comes, goes nowhere.
 */
const TIMED = `
  {garbage_collection, Collection} = process_info(self(), garbage_collection),
  Guard = [link, {priority, low}, lists:keyfind(max_heap_size, 1, Collection)],
  Timed = fun(Fun) ->
    Self = self(),
    Ref = make_ref(),
    Asker = spawn_opt(fun() -> Self ! {Ref, try {ok, Fun()} catch _:_ -> failed end} end, Guard),
    receive
      {Ref, Answer} -> Answer
    after ${PATIENCE_MS} ->
      unlink(Asker),
      exit(Asker, kill),
      timeout
    end
  end`;

/** `{Name, Version, Description, permanent | transient | temporary | running | loaded, Master | {node, Node} | none, Count | none}` */
const APPLICATIONS = `
  Binary = fun(Chars) ->
    try unicode:characters_to_binary(lists:sublist(Chars, ${DESCRIPTION_CHARACTERS})) of
      Bytes when is_binary(Bytes) -> Bytes;
      _ -> <<>>
    catch _:_ -> <<>>
    end
  end,
  Counter = fun() ->
    case erlang:system_info(process_count) =< ${MOST_COUNTED} of
      true ->
        All = processes(),
        Leaders = lists:zipwith(fun erlang:process_info/2, All, lists:duplicate(length(All), group_leader)),
        Table = ets:new(leaders, [duplicate_bag, private, {keypos, 2}]),
        ets:insert(Table, lists:filter(fun erlang:is_tuple/1, Leaders)),
        fun(Master) -> length(ets:lookup(Table, Master)) end;
      false -> fun(_) -> none end
    end
  end,
  Applications = fun() ->
    case Timed(fun() -> {application:which_applications(), application:loaded_applications(), application:info()} end) of
      {ok, {Running, Loaded, Info}} ->
        Count = Counter(),
        Of = fun(Key, Name) -> case lists:keyfind(Name, 1, proplists:get_value(Key, Info, [])) of {_, Value} -> Value; false -> none end end,
        [begin
           Type = case {lists:keymember(Name, 1, Running), Of(started, Name)} of
             {false, _} -> loaded;
             {true, none} -> running;
             {true, Started} -> Started
           end,
           Place = case {application_controller:get_master(Name), Of(running, Name)} of
             {Master, _} when is_pid(Master) -> Master;
             {_, {distributed, Node}} -> {node, Node};
             _ -> none
           end,
           {Name, Binary(Version), Binary(Description), Type, Place, case is_pid(Place) of true -> Count(Place); false -> none end}
         end || {Name, Description, Version} <- Loaded];
      Why -> Why
    end
  end`;

/** Whom a process was started by, as far as it has written that down. */
const STARTED_BY = `
  StartedBy = fun(Pid) ->
    case process_info(Pid, dictionary) of
      {_, Dictionary} ->
        First = lists:sublist(proplists:get_value('$ancestors', Dictionary, []), 1),
        [Ancestor || Either <- First, Ancestor <- [case is_atom(Either) of true -> whereis(Either); false -> Either end], is_pid(Ancestor)];
      undefined -> []
    end
  end`;

/**
 * A look at what is open in the tree. Bindings: those of showBindings (for the ids of children); `WithApplications`; `Pids`, whose
 * processes are described; and `Requests`, of which each is `{Kind, What, Known, Limit}` and asks for what is below a row:
 *
 * - `{root, Application, …}`: `{root, Pid, Module}` or `no_tree`;
 * - `{supervisor, Pid, …}`: `{children, Hash, [{ShownId, Child, Type}]}`, in the order in which they were started, or
 *   `{many, Hash, Count}`;
 * - `{listed, Pid, …}`, the children of a supervisor by its links: `{listed, Hash, Total, [Pid]}`;
 * - `{linked, Pid, …}`, for any other process: `{linked, Hash, Total, [{started_by | linked, Pid}]}`.
 *
 * Each can be `gone`, `failed` or `timeout` as well. `Hash` is of the links of the process: while it is what is `Known` nothing has
 * been started or has ended there, and the answer is `same`, without a word to the process itself.
 *
 * Gives `{Micros, Applications | none, Answers, [{Pid, Info}]}`, with the info of all processes of this node that are in the answers.
 * A pid of another node is nobody that process_info/2 could be asked about. Nor may a supervisor that has such a child be asked for
 * supervisor:count_children/1: it asks is_process_alive/1, and dies of that, on OTP 25 to 29. So children are counted by links, which
 * disturbs nobody.
 */
export const LOOK: string = `
  ${SHOW},
  ${DESCRIBE},
  ${TIMED},
  ${APPLICATIONS},
  ${STARTED_BY},
  Start = erlang:monotonic_time(microsecond),
  Root = fun(Name) ->
    case application_controller:get_master(Name) of
      undefined -> no_tree;
      Master ->
        case Timed(fun() -> application_master:get_child(Master) end) of
          {ok, {Pid, Module}} when is_pid(Pid) -> {root, Pid, Module};
          {ok, _} -> no_tree;
          Why -> Why
        end
    end
  end,
  Supervised = fun(Pid, Hash, Count) ->
    case Count > ${MOST_CHILDREN} orelse Timed(fun() -> supervisor:which_children(Pid) end) of
      true -> {many, Hash, Count};
      {ok, Children} when is_list(Children) ->
        {children, Hash, [{Show(Id), Child, Type} || {Id, Child, Type, _} <- lists:reverse(Children)]};
      {ok, _} -> failed;
      Why -> Why
    end
  end,
  Below = fun
    (supervisor, Pid, Hash, Links, _) -> Supervised(Pid, Hash, length(Links -- StartedBy(Pid)));
    (listed, Pid, Hash, Links, Limit) ->
      Children = lists:sort(Links) -- StartedBy(Pid),
      {listed, Hash, length(Children), lists:sublist(Children, Limit)};
    (linked, Pid, Hash, Links, Limit) ->
      Starters = StartedBy(Pid),
      Others = lists:sort(Links) -- Starters,
      {linked, Hash, length(Starters) + length(Others),
        lists:sublist([{started_by, Starter} || Starter <- Starters] ++ [{linked, Other} || Other <- Others], Limit)}
  end,
  Ask = fun
    ({root, Name, _, _}) -> Root(Name);
    ({Kind, Pid, Known, Limit}) when node(Pid) =:= node() ->
      case process_info(Pid, links) of
        {links, All} ->
          Links = lists:filter(fun erlang:is_pid/1, All),
          case erlang:phash2(lists:sort(Links)) of
            Known -> same;
            Hash -> Below(Kind, Pid, Hash, Links, Limit)
          end;
        undefined -> gone
      end;
    (_) -> failed
  end,
  Listed = case WithApplications of true -> Applications(); false -> none end,
  Answers = [Ask(Request) || Request <- Requests],
  Found = lists:append([case Answer of
    {root, Pid, _} -> [Pid];
    {children, _, Children} -> [Child || {_, Child, _} <- Children, is_pid(Child)];
    {listed, _, _, Children} -> Children;
    {linked, _, _, Others} -> [Other || {_, Other} <- Others];
    _ -> []
  end || Answer <- Answers]),
  Infos = [{Pid, Describe(Pid)} || Pid <- lists:usort(Pids ++ Found), node(Pid) =:= node()],
  {erlang:monotonic_time(microsecond) - Start, Listed, Answers, Infos}`;

/**
 * How a supervisor restarts its children. Bindings: `Pid`. The state of a supervisor is its own affair, and this reads no more of it than
 * has been at its place since OTP 25: `{ok, Strategy, Intensity, Period}`, else `unknown`; or `failed`, or `timeout`.
 */
export const STRATEGY: string = `
  ${TIMED},
  case Timed(fun() ->
    case sys:get_state(Pid, infinity) of
      State when element(1, State) =:= state -> {element(3, State), element(6, State), element(7, State)};
      %% Elixir's DynamicSupervisor.
      #{strategy := Strategy, max_restarts := Intensity, max_seconds := Period} -> {Strategy, Intensity, Period}
    end
  end) of
    {ok, {Strategy, Intensity, Period}} when is_atom(Strategy), is_integer(Intensity), is_integer(Period) -> {ok, Strategy, Intensity, Period};
    {ok, _} -> unknown;
    Why -> Why
  end`;

/**
 * Where a process is in the tree. Bindings: `Pid`, of this node. Gives `{Application, [Pid]}`: the name of its application, and the
 * processes that it descends from, as it has written down; or `none`.
 */
export const LOCATE: string = `
  case {application:get_application(Pid), process_info(Pid, dictionary)} of
    {{ok, Name}, {_, Dictionary}} ->
      {Name, [Ancestor || Either <- proplists:get_value('$ancestors', Dictionary, []),
        Ancestor <- [case is_atom(Either) of true -> whereis(Either); false -> Either end], is_pid(Ancestor)]};
    _ -> none
  end`;
