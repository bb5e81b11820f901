%% Both ends of the bench of the distribution: a process `bench` that counts, answers and floods, a gen_server, and the same
%% works as an Erlang node does them towards another.
-module(bench_node).
-behaviour(gen_server).
-export([start/0, work/3, init/1, handle_call/3, handle_cast/2]).

start() ->
    register(bench, spawn(fun serve/0)),
    {ok, _} = gen_server:start({local, bench_server}, ?MODULE, [], []),
    ok.

serve() ->
    receive
        {sync, From} -> From ! done;
        {ping, From} -> From ! pong;
        {flood, From, Count, Message} -> [From ! Message || _ <- lists:seq(1, Count)], From ! done;
        _ -> ok
    end,
    serve().

init([]) -> {ok, []}.
handle_call(Request, _, State) -> {reply, Request, State}.
handle_cast(_, State) -> {noreply, State}.

%% Does a work so often, and gives the microseconds.
work(Work, Peer, Count) ->
    {Us, _} = timer:tc(fun() -> do(Work, Peer, Count) end),
    Us.

do(send, Peer, Count) -> send(Peer, {bench, 42, <<"hello world 0123456789">>}, Count);
do(sendLarge, Peer, Count) -> send(Peer, {bench, 42, binary:copy(<<1>>, 1048576)}, Count);
do(receive_, Peer, Count) -> flood(Peer, {bench, 42, <<"hello world 0123456789">>}, Count);
do(receiveLarge, Peer, Count) -> flood(Peer, {bench, 42, binary:copy(<<1>>, 1048576)}, Count);
do(ping, Peer, Count) -> [begin {bench, Peer} ! {ping, self()}, receive pong -> ok end end || _ <- lists:seq(1, Count)];
do(connect, Peer, Count) -> [begin connect(Peer, 100), true = erlang:disconnect_node(Peer) end || _ <- lists:seq(1, Count)];
do(rpc, Peer, Count) -> [rex(Peer) || _ <- lists:seq(1, Count)];
do(rpc64, Peer, Count) -> in_flight(fun() -> rex(Peer) end, Count);
do(erpc, Peer, Count) -> [erpc:call(Peer, erlang, abs, [-1]) || _ <- lists:seq(1, Count)];
do(erpc64, Peer, Count) -> in_flight(fun() -> erpc:call(Peer, erlang, abs, [-1]) end, Count);
do(call, Peer, Count) -> [gen_server:call({bench_server, Peer}, {echo, 42}) || _ <- lists:seq(1, Count)];
do(call64, Peer, Count) -> in_flight(fun() -> gen_server:call({bench_server, Peer}, {echo, 42}) end, Count).

%% The peer may not have noticed yet that the last connection has ended, and refuses a second one then.
connect(Peer, Times) when Times > 0 -> net_kernel:connect_node(Peer) orelse begin timer:sleep(1), connect(Peer, Times - 1) end.

rex(Peer) -> 1 = gen_server:call({rex, Peer}, {call, erlang, abs, [-1], group_leader()}).

send(Peer, Message, Count) ->
    [{bench, Peer} ! Message || _ <- lists:seq(1, Count)],
    {bench, Peer} ! {sync, self()},
    receive done -> ok end.

flood(Peer, Message, Count) ->
    {bench, Peer} ! {flood, self(), Count, Message},
    take().

take() -> receive done -> ok; _ -> take() end.

in_flight(Run, Count) ->
    Self = self(),
    Each = Count div 64,
    [spawn_link(fun() -> [Run() || _ <- lists:seq(1, Each)], Self ! done end) || _ <- lists:seq(1, 64)],
    [receive done -> ok end || _ <- lists:seq(1, 64)].
