// Who is called: the server references of gen_server, gen_statem and gen_event.
import { Atom, atom, Pid, type Reference, type Term, Tuple, tuple } from "../etf/index.ts";
import type { Destination } from "./destination.ts";
import { ErlangError } from "./erlang-error.ts";
import { type Describe, exitOf, genCall } from "./gen-call.ts";
import type { GiveUpOptions } from "./give-up.ts";
import type { Process } from "./process.ts";

/** A process that `global` knows by a name, which is any term (an atom is `atom("name")`). `node` is the one that is asked. */
export interface GlobalRef {
  readonly global: Term;
  readonly node: string;
}

/** A pid, the name of a process of this node, a name on another node (also as the tuple `{Name, Node}`), or a global name. */
export type ServerRef = Exclude<Destination, Reference> | GlobalRef;

/** `genCall` for any server reference. The look-up of a global name may take as long again as the call. */
export function callServer(
  self: Process,
  server: ServerRef,
  label: Atom | Pid,
  request: Term,
  options: GiveUpOptions,
  describe?: Describe,
): Promise<Term> {
  if (!isGlobal(server)) return genCall(self, server, label, request, options, describe);
  return callGlobal(self, server, label, request, options, describe ?? ((reason) => reason));
}

async function callGlobal(
  self: Process,
  { global, node }: GlobalRef,
  label: Atom | Pid,
  request: Term,
  options: GiveUpOptions,
  describe: Describe,
): Promise<Term> {
  const { whereisName } = await import("./calls.ts");
  const pid = await whereisName(self, node, global, options).catch((error: unknown) => {
    throw error instanceof ErlangError ? exitOf(error.reason, describe, error) : error;
  });
  if (pid === undefined) throw exitOf(NOPROC, describe);
  // Erlang takes the loss of its node as one that `global` has not noticed yet.
  return genCall(self, pid, label, request, options, (reason) => describe(isNodeDown(reason) ? NOPROC : reason));
}

/** Sends to a server without a word about whether it is there. Throws for what has no external form, and a TypeError for no server. */
export function sendTo(self: Process, server: ServerRef, message: Term): void {
  if (isGlobal(server)) {
    void sendToGlobal(self, server, message);
    return;
  }
  const name = server instanceof Atom ? server.name : server;
  // On some node, since a name of our own that nobody has would be an error.
  self.send(typeof name === "string" ? { name, node: self.node } : name, message);
}

async function sendToGlobal(self: Process, { global, node }: GlobalRef, message: Term): Promise<void> {
  let pid: Pid | undefined;
  try {
    const { whereisName } = await import("./calls.ts");
    pid = await whereisName(self, node, global);
  } catch {
    // As to a node that cannot be reached: the message is lost.
  }
  if (pid !== undefined && self.isAlive) self.send(pid, message);
}

/** The reference as Erlang writes it. */
export function refTerm(server: ServerRef): Term {
  if (typeof server === "string") return atom(server);
  if (server instanceof Atom || server instanceof Pid || server instanceof Tuple) return server;
  if (isGlobal(server)) return tuple(atom("global"), server.global);
  return tuple(toAtom(server.name), toAtom(server.node));
}

function toAtom(name: string | Atom): Atom {
  return typeof name === "string" ? atom(name) : name;
}

function isGlobal(server: ServerRef): server is GlobalRef {
  return typeof server === "object" && "global" in server;
}

function isNodeDown(reason: Term): boolean {
  return reason instanceof Tuple && reason.at(0) === atom("nodedown");
}

const NOPROC = atom("noproc");
