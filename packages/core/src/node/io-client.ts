// What the module `io` of Erlang does to a device, which is a group leader or another process that serves the I/O protocol.
import { atom, equals, type Reference, type Term, text, Tuple, tuple } from "../etf/index.ts";
import type { Destination } from "./destination.ts";
import { ErlangError } from "./erlang-error.ts";
import { EOF } from "./io-input.ts";
import type { ReceiveOptions } from "./mailbox.ts";
import type { Process } from "./process.ts";

const UNICODE = atom("unicode");

/** `io:put_chars/2`. Resolves when the device has taken the text; rejects as `request` does. */
export async function putChars(self: Process, device: Destination, chars: string, options?: ReceiveOptions): Promise<void> {
  await request(self, device, tuple(atom("put_chars"), UNICODE, chars), options);
}

/** `io:format/3`: the device formats. */
export async function format(
  self: Process,
  device: Destination,
  format: string,
  args: readonly Term[],
  options?: ReceiveOptions,
): Promise<void> {
  const call = [format, [...args]];
  await request(self, device, tuple(atom("put_chars"), UNICODE, atom("io_lib"), atom("format"), call), options);
}

/** `io:get_line/2`: a line with the newline at its end, or EOF. */
export async function getLine(
  self: Process,
  device: Destination,
  prompt: string,
  options?: ReceiveOptions,
): Promise<string | typeof EOF> {
  return inputOf(await request(self, device, tuple(atom("get_line"), UNICODE, prompt), options));
}

/** `io:get_chars/3`: so many characters, fewer before the end of the file, or EOF. */
export async function getChars(
  self: Process,
  device: Destination,
  prompt: string,
  count: number,
  options?: ReceiveOptions,
): Promise<string | typeof EOF> {
  return inputOf(await request(self, device, tuple(atom("get_chars"), UNICODE, prompt, count), options));
}

/**
 * Any request (`{io_request, …}`) and its reply. Rejects with an ErlangError of class `error` for `{error, Reason}` (reason
 * `terminated` when the device is not there or ends), and as `receive` does for the options.
 */
export async function request(self: Process, device: Destination, term: Term, options: ReceiveOptions = {}): Promise<Term> {
  const ref = self.monitor(device);
  try {
    self.send(device, tuple(atom("io_request"), self.pid, ref, term));
    const answer = await self.receive((message): message is Tuple => isAnswer(message, ref), options);
    const reply = answer.length === 3 ? answer.at(2) : tuple(atom("error"), atom("terminated"));
    if (reply instanceof Tuple && reply.length === 2 && reply.at(0) === atom("error")) {
      throw new ErlangError("error", reply.at(1));
    }
    return reply;
  } finally {
    self.demonitor(ref, { flush: true });
  }
}

/** `{io_reply, Ref, Reply}`, or the monitor's `{'DOWN', Ref, …}`. */
function isAnswer(message: Term, ref: Reference): boolean {
  if (!(message instanceof Tuple)) return false;
  const isReply = message.length === 3 && message.at(0) === atom("io_reply");
  return (isReply || message.length === 5) && equals(message.at(1), ref);
}

function inputOf(reply: Term): string | typeof EOF {
  return reply === atom("eof") ? EOF : text(reply);
}
