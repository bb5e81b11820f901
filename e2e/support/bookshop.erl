%% An application as it is met at work, for pictures: named servers, customers, tables, a little load.
-module(bookshop).
-export([run/0, start/2, stop/1, sup/2, server/1, customer/1, price/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

run() ->
    Tills = {{one_for_one, 3, 10}, [worker(Name) || Name <- [till_1, till_2]]},
    Customers = {{simple_one_for_one, 3, 10}, [#{id => customer, start => {?MODULE, customer, []}, restart => temporary}]},
    Servers = [worker(Name) || Name <- [stock, orders, prices, search_index, mailer]],
    Children = Servers ++ [supervisor(till_sup, Tills), supervisor(customer_sup, Customers)],
    ok = application:load({application, ?MODULE, [{description, "sells books"}, {vsn, "2.4.1"}, {modules, [?MODULE]},
        {registered, [bookshop_sup]}, {applications, [kernel, stdlib]}, {mod, {?MODULE, {{one_for_one, 3, 10}, Children}}}]}),
    ok = application:start(?MODULE),
    [{ok, _} = supervisor:start_child(customer_sup, [Id]) || Id <- lists:seq(4101, 4124)],
    ok.

start(_, Spec) -> sup(bookshop_sup, Spec).
stop(_) -> ok.
sup(Name, Spec) -> supervisor:start_link({local, Name}, ?MODULE, {sup, Spec}).
server(Name) -> gen_server:start_link({local, Name}, ?MODULE, {server, Name}, []).
customer(Id) -> gen_server:start_link(?MODULE, {customer, Id}, []).

worker(Name) -> #{id => Name, start => {?MODULE, server, [Name]}}.
supervisor(Name, Spec) -> #{id => Name, type => supervisor, start => {?MODULE, sup, [Name, Spec]}}.

init({sup, Spec}) ->
    {ok, Spec};
init({customer, Id}) ->
    erlang:function_exported(proc_lib, set_label, 1) andalso apply(proc_lib, set_label, [{customer, Id}]),
    put(basket, [{<<"Middlemarch">>, 1 + Id rem 3}, {<<"Walden">>, 1}]),
    put(language, en),
    work(#{id => Id, since => erlang:system_time(second)});
init({server, stock}) ->
    Titles = {<<"Middlemarch">>, <<"The Waves">>, <<"Emma">>, <<"Ulysses">>, <<"Dracula">>, <<"Walden">>, <<"Persuasion">>},
    stock = ets:new(stock, [named_table, ordered_set, public]),
    ets:insert(stock, [{{shelf, Shelf, Place}, element(1 + (Shelf + Place) rem 7, Titles), 1 + Shelf * Place rem 30, 8.5 + Place rem 9}
        || Shelf <- lists:seq(1, 60), Place <- lists:seq(1, 40)]),
    work(#{table => stock});
init({server, Name}) ->
    work(#{name => Name, open => true, served => 0}).

work(State) ->
    erlang:send_after(50 + any(300), self(), tick),
    {ok, State}.

%% Not of rand, which would leave its seed in the dictionary.
any(Below) -> erlang:phash2({self(), erlang:monotonic_time()}, Below).

price(Books) -> lists:sum([Price || {_, Price} <- Books]).

handle_call({buy, Books}, _, State) -> {reply, {sold, ?MODULE:price(Books)}, State};
handle_call(_, _, State) -> {reply, ok, State}.

handle_cast(_, State) -> {noreply, State}.

handle_info(tick, State) ->
    _ = lists:sort([erlang:phash2(N) || N <- lists:seq(1, 400 + any(3000))]),
    {ok, _} = work(State),
    {noreply, State};
handle_info({sell, Books}, State) ->
    _ = ?MODULE:price(Books),
    {noreply, State};
handle_info({From, {order, Title, Count}}, State) ->
    From ! {accepted, #{order => 7300 + Count, title => Title, count => Count}},
    {noreply, State};
handle_info(_, State) ->
    {noreply, State}.
