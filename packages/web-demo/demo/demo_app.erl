%% What the demo's Erlang node runs: three registered processes to talk to from a page.
-module(demo_app).
-behaviour(gen_server).
-export([start/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

start() ->
    register(echo, spawn(fun echo/0)),
    register(ticker, spawn(fun() -> ticker(#{}) end)),
    {ok, _} = gen_server:start({local, counter}, ?MODULE, [], []),
    ok.

%% echo ! {From, Term} is answered with {echo, Term}.
echo() ->
    receive
        {From, Term} when is_pid(From) -> From ! {echo, Term};
        _NobodyToAnswer -> ok
    end,
    echo().

%% ticker ! {From, subscribe}: a {tick, Count, Time} each second, until unsubscribe or until From is gone.
ticker(Subscribers) ->
    receive
        {From, subscribe} when is_pid(From), not is_map_key(From, Subscribers) ->
            Monitor = monitor(process, From),
            erlang:send_after(1000, self(), {tick, From, 1}),
            ticker(Subscribers#{From => Monitor});
        {From, unsubscribe} when is_map_key(From, Subscribers) ->
            demonitor(map_get(From, Subscribers), [flush]),
            ticker(maps:remove(From, Subscribers));
        {'DOWN', _Monitor, process, From, _Reason} ->
            ticker(maps:remove(From, Subscribers));
        {tick, From, Count} when is_map_key(From, Subscribers) ->
            From ! {tick, Count, calendar:local_time()},
            erlang:send_after(1000, self(), {tick, From, Count + 1}),
            ticker(Subscribers);
        _Other ->
            ticker(Subscribers)
    end.

%% counter is a gen_server: call or cast `increment`, or send {From, increment}.
init([]) ->
    {ok, 0}.

handle_call(increment, _From, Count) -> {reply, Count + 1, Count + 1};
handle_call(read, _From, Count) -> {reply, Count, Count};
handle_call(_Request, _From, Count) -> {reply, {error, unknown_request}, Count}.

handle_cast(increment, Count) -> {noreply, Count + 1};
handle_cast(_Request, Count) -> {noreply, Count}.

handle_info({From, Request}, Count) when is_pid(From) ->
    {reply, Reply, Next} = handle_call(Request, From, Count),
    From ! {counter, Reply},
    {noreply, Next};
handle_info(_Message, Count) ->
    {noreply, Count}.
