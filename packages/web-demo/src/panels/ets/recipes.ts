// What the ETS panel asks of the node, as Erlang that the node evaluates.
import { SHOW } from "../shown-term.ts";

/** Tables that are listed: the largest. */
export const LISTED_TABLES = 1_000;

/**
 * The largest tables. Binding: `Shown`, tables of which it is to be told whether they have gone. Gives
 * `{Total, [{Table, Name, Size, Bytes, Type, Protection, Owner, OwnerName}], Gone}`. A table that goes while it is asked about is left
 * out.
 */
export const TABLES: string = `
  All = ets:all(),
  Sized = [{Words, Table} || Table <- All, Words <- [ets:info(Table, memory)], Words =/= undefined],
  Largest = lists:sublist(lists:reverse(lists:keysort(1, Sized)), ${LISTED_TABLES}),
  OwnerName = fun(Pid) -> case process_info(Pid, registered_name) of {_, Name} -> Name; _ -> none end end,
  {length(All), [begin
     Of = fun(Key) -> {_, Value} = lists:keyfind(Key, 1, Info), Value end,
     {Table, Of(name), Of(size), Words * erlang:system_info(wordsize), Of(type), Of(protection), Of(owner), OwnerName(Of(owner))}
   end || {Words, Table} <- Largest, Info <- [ets:info(Table)], is_list(Info)], Shown -- All}`;

// Each page is read in one process: a continuation holds a compiled match specification, which is gone with the process that compiled
// it, and repairing it in another process than the one that goes on with it does not help.
const PAGE = `
  ${SHOW},
  Specification = [{'$1', [], ['$1']}],
  Page = fun
    ('$end_of_table') -> {[], done};
    ({Objects, '$end_of_table'}) -> {[Show(Object) || Object <- Objects], done};
    ({Objects, Continuation}) -> {[Show(Object) || Object <- Objects], {more, Continuation}}
  end`;

/**
 * The first objects of a table. Bindings: `Table`, `Count`, and those of showBindings. Gives `{[Shown], done | {more, Continuation}}`,
 * `private`, or `gone`.
 */
export const FIRST_PAGE: string = `
  ${PAGE},
  %% A reference whose table has gone is like any other, and an error to ask about.
  Protection = try ets:info(Table, protection) catch error:badarg -> undefined end,
  try Page(ets:select(Table, Specification, Count))
  catch error:badarg -> case Protection of private -> private; _ -> gone end
  end`;

/** The next ones. Bindings: `Continuation`, and those of showBindings. Gives the same; `gone` where the table is. */
export const NEXT_PAGE: string = `
  ${PAGE},
  try Page(ets:select(ets:repair_continuation(Continuation, Specification)))
  catch error:badarg -> gone
  end`;
