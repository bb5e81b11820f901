// The node that programs start: with connections of its own runtime, and calls to other nodes in its own name.
import type { Atom, Term } from "../etf/index.ts";
import type { ByteStream, Listening } from "../transports/byte-stream.ts";
import { directControllers } from "./direct-controller.ts";
import { BareNode } from "./bare-node.ts";
import type * as Calls from "./calls.ts";
import { checkCarriers, packetOptions } from "./carrier-options.ts";
import type { CallOptions, CallResult } from "./erpc.ts";
import { cast as erpcCast } from "./erpc-cast.ts";
import { call, cast, type GenCallOptions } from "./gen-server-client.ts";
import type { ServerRef } from "./server-ref.ts";
import { type NodeOptions, resolveOptions } from "./node-options.ts";

/** A node of an Erlang cluster in JavaScript. Started by `ErlangNode.start`, ended by `stop` or `await using`. */
export class ErlangNode extends BareNode {
  #calls: typeof Calls | undefined;
  #listening: Listening | undefined;

  /**
   * Starts a node, and registers and listens where that is asked for. Rejects with a TypeError for options that cannot
   * work, with an EpmdError or ConnectionError when listening fails. Connections come with `connect`, or with the first send.
   */
  static async start(options: NodeOptions): Promise<ErlangNode> {
    checkCarriers(options);
    const resolved = resolveOptions(options, packetOptions(options.distribution));
    const { name, creation, connect, listen } = options;
    const open = connect === undefined ? undefined : directControllers(connect, resolved.usesAtomCache);
    // Only for nodes that listen.
    const accepting = listen === undefined ? undefined : await import("./accepting.ts");
    // It makes one of the class that it is called on.
    const node = (await this.startWith(options, resolved, { open, accepting: accepting?.Accepting })) as ErlangNode;
    if (name === undefined || listen === undefined) return node;
    const accept = (stream: ByteStream): void => node.accept(stream);
    await accepting?.startListening(listen, name, accept, (listening) => {
      node.#listening = listening;
      // EPMD knows of earlier incarnations of the name, and gives each its own creation.
      if (listening.creation !== undefined) node.rename(name, creation ?? listening.creation);
    });
    return node;
  }

  protected override async end(): Promise<void> {
    await Promise.all([super.end(), this.#listening?.close()]);
  }

  /** `erpc:call/5` from no process in particular; see `erpc.call`. */
  erpc(peer: string, module: string | Atom, fun: string | Atom, args: readonly Term[], options?: CallOptions): Promise<Term> {
    return this.#calling(({ erpcCall }) => erpcCall(this.kernel, peer, module, fun, args, options));
  }

  /** `erpc:cast/4`: nobody hears of the result. */
  erpcCast(peer: string, module: string | Atom, fun: string | Atom, args: readonly Term[]): void {
    this.checkRunning();
    erpcCast(this.kernel, peer, module, fun, args);
  }

  /** `erpc:multicall/5`: what `Promise.allSettled` makes of an `erpc` to each of the nodes. */
  async multicall(
    peers: readonly string[],
    module: string | Atom,
    fun: string | Atom,
    args: readonly Term[],
    options?: CallOptions,
  ): Promise<CallResult[]> {
    this.checkRunning();
    const { erpcMulticall } = this.#calls ?? (await this.#loadCalls());
    return erpcMulticall(this.kernel, peers, module, fun, args, options);
  }

  /** `rpc:call/5`; rejects where that returns `{badrpc, Reason}`. See `rpc.call`. */
  rpc(peer: string, module: string | Atom, fun: string | Atom, args: readonly Term[], options?: CallOptions): Promise<Term> {
    return this.#calling(({ rpcCall }) => rpcCall(this.kernel, peer, module, fun, args, options));
  }

  /** `gen_server:call/2,3` from no process in particular; see `genServer.call`. */
  call(server: ServerRef, request: Term, options?: GenCallOptions): Promise<Term> {
    return this.#asking(() => call(this.kernel, server, request, options));
  }

  /** `gen_server:cast/2`: nobody hears whether it arrives. */
  cast(server: ServerRef, request: Term): void {
    this.checkRunning();
    cast(this.kernel, server, request);
  }

  /** Rejects where it would throw. An async function gives a promise of a promise, which takes three turns more for each call. */
  #asking(ask: () => Promise<Term>): Promise<Term> {
    try {
      this.checkRunning();
      return ask();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** By what is loaded with the first call, since many a node only sends and receives; later ones are sent in the turn in which they are made. */
  #calling(ask: (calls: typeof Calls) => Promise<Term>): Promise<Term> {
    return this.#asking(() => (this.#calls === undefined ? this.#loadCalls().then(ask) : ask(this.#calls)));
  }

  async #loadCalls(): Promise<typeof Calls> {
    this.#calls = await import("./calls.ts");
    return this.#calls;
  }
}
