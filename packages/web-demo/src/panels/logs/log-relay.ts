// The device that the node's log handler writes to: a process on the node, which evaluates what is below, since nothing is loaded
// there. It answers the handler at once, so that no event waits for the way to the page and back, and sends what has been written
// in batches. The page says when it has dealt with one; with too many on their way, or a full connection, what is written is
// counted and left out, since neither the handler nor the log of the node may wait for a page.
//
// It is linked to a process of the page. When that goes, it goes on answering until the dead man has removed the handler: a handler
// whose device is gone would report that in the node's log.
import { type Atom, atom, type Pid, type Process, type Term } from "@erl-dist/core";
import type { RemoteNode } from "../../remote/remote-node.ts";

/** To the page: `{lines, Relay, Lines, LeftOut}`; what was left out comes after the lines. From the page: `more`, for each of those. */
export const LINES: Atom = atom("lines");
export const MORE: Atom = atom("more");

const BINDINGS: Readonly<Record<string, Term>> = {
  /** A batch is sent when it has so many lines or bytes, or is so old. */
  BatchLines: 200,
  BatchBytes: 64 * 1024,
  BatchMs: 50,
  /** Batches on their way that the page has not dealt with. */
  Batches: 8,
  /** How long it goes on answering without a page, if no dead man ends it before. */
  AloneMs: 5_000,
  /** Words; a line is a binary, which does not count. */
  MaxHeap: 4 * 1024 * 1024,
};

// A state is what is in the batch (its lines, newest first, their number and bytes, and what was left out), whether it is due, the
// timer that will say so, and how many batches may be sent.
const RELAY = `
  process_flag(trap_exit, true),
  process_flag(max_heap_size, #{size => MaxHeap, kill => true, error_logger => false}),
  Written = fun
    ({put_chars, Encoding, Chars}) -> unicode:characters_to_binary(Chars, Encoding, unicode);
    ({put_chars, Encoding, M, F, A}) -> unicode:characters_to_binary(apply(M, F, A), Encoding, unicode);
    (_) -> none
  end,
  Read = fun(Request) ->
    try Written(Request) of
      none -> none;
      Line when is_binary(Line) -> Line;
      _ -> unicode:characters_to_binary(io_lib:format("~tp", [Request]))
    catch
      _:_ -> unicode:characters_to_binary(io_lib:format("~tp", [Request]))
    end
  end,
  Alone = fun Alone() ->
    receive
      {io_request, From, As, _} -> From ! {io_reply, As, ok}, Alone();
      alone -> ok;
      _ -> Alone()
    end
  end,
  Loop = fun Loop(Lines, Count, Bytes, LeftOut, Due, Timer, Free) ->
    IsFull = Count >= BatchLines orelse Bytes >= BatchBytes,
    case (IsFull orelse Due) andalso Count > 0 andalso Free > 0 andalso
         erlang:send(Page, {lines, self(), lists:reverse(Lines), LeftOut}, [nosuspend, noconnect]) of
      ok -> Loop([], 0, 0, 0, false, none, Free - 1);
      nosuspend when Timer =:= none -> Loop(Lines, Count, Bytes, LeftOut, false, erlang:start_timer(BatchMs, self(), due), Free);
      _ ->
        receive
          {io_request, From, As, Request} ->
            case Read(Request) of
              none -> From ! {io_reply, As, {error, Request}}, Loop(Lines, Count, Bytes, LeftOut, Due, Timer, Free);
              _ when IsFull -> From ! {io_reply, As, ok}, Loop(Lines, Count, Bytes, LeftOut + 1, Due, Timer, Free);
              Line ->
                From ! {io_reply, As, ok},
                Waits = case Due orelse Timer =/= none of true -> Timer; false -> erlang:start_timer(BatchMs, self(), due) end,
                Loop([Line | Lines], Count + 1, Bytes + byte_size(Line), LeftOut, Due, Waits, Free)
            end;
          {timeout, Timer, due} -> Loop(Lines, Count, Bytes, LeftOut, true, none, Free);
          more -> Loop(Lines, Count, Bytes, LeftOut, Due, Timer, Free + 1);
          {'EXIT', Page, _} -> erlang:send_after(AloneMs, self(), alone), Alone();
          {'EXIT', _, Reason} -> exit(Reason);
          _ -> Loop(Lines, Count, Bytes, LeftOut, Due, Timer, Free)
        end
    end
  end,
  Loop([], 0, 0, 0, false, none, Batches)`;

/** Starts one that is linked to `page` and sends to it. */
export function startRelay(remote: RemoteNode, page: Process): Promise<Pid> {
  return remote.holdExpressions(RELAY, { ...BINDINGS, Page: page.pid }, { linkTo: page });
}
