// Controllers behind a message port, from the side of the node: what the page has of them. Terms are read and written here, since
// they are values of this side; of packets there is only the pass-through form, because the atom cache and fragments belong to
// whoever has the connection. controller-server.ts is the other side.
import { LENGTH_BYTES } from "../distribution/length-bytes.ts";
import type { ControlMessage } from "../distribution/control.ts";
import { PassThrough } from "../distribution/pass-through.ts";
import { readPassThrough } from "../distribution/pass-through-reader.ts";
import { type ConnectionError, DecodeError, ProtocolError } from "../errors.ts";
import { type Term, TermReader } from "../etf/index.ts";
import type { HandshakeResult } from "../handshake/handshake.ts";
import type { Limits } from "../limits.ts";
import type { Controller, ControllerEvent, ControllerOwner, OpenController } from "./controller.ts";
import {
  type ControllerPort,
  errorOf,
  plainError,
  type ToController,
  type ToNode,
  type WithoutId,
} from "./controller-messages.ts";

export interface RemoteControllers {
  readonly open: OpenController;
  /** The other side has gone: all connections are lost, for this reason. */
  lost(error: ConnectionError): void;
}

/**
 * Controllers at the other end of a port, where `serveControllers` runs. `way` says to it how a peer is reached; it goes through
 * the port by structured clone.
 */
export function remoteControllers(port: ControllerPort, way: unknown): RemoteControllers {
  const controllers = new Map<number, RemoteController>();
  let lastId = 0;
  port.addEventListener("message", ({ data }) => {
    // Nobody else has the other end of the port; but a worker's first words may be others.
    const message = data as ToNode;
    controllers.get(message.id)?.receive(message);
  });
  port.start?.();
  return {
    open(request, owner, signal) {
      const id = ++lastId;
      const post: Post = (message, transfer = []) => port.postMessage({ id, ...message }, transfer);
      const controller = new RemoteController(request.peer, request.limits, owner, post);
      controllers.set(id, controller);
      void controller.done.then(() => controllers.delete(id));
      signal.addEventListener("abort", () => post({ type: "close", error: undefined }));
      post({ type: "open", request, way });
      return controller.opened;
    },
    lost(error) {
      for (const controller of controllers.values()) controller.lose(error);
    },
  };
}

type Post = (message: WithoutId<ToController>, transfer?: ArrayBuffer[]) => void;

class RemoteController implements Controller {
  readonly #peer: string;
  readonly #limits: Limits;
  readonly #owner: ControllerOwner;
  readonly #post: Post;
  readonly #terms: TermReader;
  /** There from the event "connected" on. */
  #writer: PassThrough | undefined;
  /** Bytes given to the other side, which have not been written. */
  #unwritten = 0;
  #isFlushing = false;
  /** The last event is out. */
  #isFinished = false;
  #resolveFinished!: () => void;
  readonly #finished = new Promise<void>((resolve) => {
    this.#resolveFinished = resolve;
  });
  /** What came and waits for the gate. */
  #waiting: ToNode[] | undefined;
  #drainWaiters: (() => void)[] = [];
  #open!: { resolve(controller: Controller): void; reject(error: unknown): void };
  #resolveDone!: () => void;
  readonly opened: Promise<Controller>;
  readonly done: Promise<void>;

  constructor(peer: string, limits: Limits, owner: ControllerOwner, post: Post) {
    this.#peer = peer;
    this.#limits = limits;
    this.#owner = owner;
    this.#post = post;
    this.#terms = new TermReader(new Uint8Array(0), 0, { limits });
    this.opened = new Promise((resolve, reject) => {
      this.#open = { resolve, reject };
    });
    this.done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
  }

  get bufferedBytes(): number {
    return this.#unwritten + (this.#writer?.length ?? 0);
  }

  send(control: ControlMessage, payload: Term | undefined): void {
    this.#writer?.send(control, payload);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => this.#flush());
  }

  setTickTime(tickTimeMs: number): void {
    this.#post({ type: "tickTime", tickTimeMs });
  }

  drained(): Promise<void> {
    if (this.#isFinished || this.bufferedBytes <= this.#limits.outboundBytes) return Promise.resolve();
    return new Promise((resolve) => this.#drainWaiters.push(resolve));
  }

  close(error?: ProtocolError | ConnectionError): Promise<void> {
    this.#close(error);
    return this.done;
  }

  /** A message of the other side. */
  receive(message: ToNode): void {
    if (this.#waiting === undefined) void this.#takeAll([message]);
    else this.#waiting.push(message);
  }

  /** The other side is no more. */
  lose(error: ConnectionError): void {
    this.#open.reject(error);
    this.#finish(error);
    this.#resolveDone();
  }

  async #takeAll(messages: ToNode[]): Promise<void> {
    this.#waiting = messages;
    for (const message of messages) {
      const waits = this.#take(message);
      if (waits !== undefined) await waits;
    }
    this.#waiting = undefined;
  }

  #take(message: ToNode): Promise<void> | undefined {
    if (message.type === "opened") this.#open.resolve(this);
    else if (message.type === "connected") this.#connected(message.result);
    else if (message.type === "packets") return this.#read(message.packets, 0);
    else if (message.type === "written") this.#written(message.bytes);
    else if (message.type === "done") {
      if (message.error !== undefined) this.#open.reject(errorOf(message.error));
      this.#resolveDone();
    } else if (message.type === "failed") {
      // A handshake fails with an error of its own.
      this.#end({ type: "failed", error: errorOf(message.error as never) as never });
    } else this.#finish(message.error && (errorOf(message.error) as ConnectionError));
    return undefined;
  }

  #connected(result: HandshakeResult): void {
    if (this.#isFinished) return;
    this.#writer = new PassThrough(result.flags);
    this.#owner.event({ type: "connected", result }, this);
  }

  /** Reads packets from there on; where it has to wait at the gate, gives a promise. */
  #read(packets: Uint8Array, start: number): Promise<void> | undefined {
    const view = new DataView(packets.buffer);
    for (let offset = start; offset < packets.length; ) {
      if (this.#isFinished) return undefined;
      if (this.#owner.gate.isClosed)
        return Promise.race([this.#owner.gate.opened(), this.#finished]).then(() => this.#read(packets, offset));
      const length = view.getUint32(offset);
      const end = offset + LENGTH_BYTES + length;
      this.#signal(packets.subarray(offset + LENGTH_BYTES, end));
      offset = end;
    }
    this.#post({ type: "taken", bytes: packets.length });
    return undefined;
  }

  #signal(packet: Uint8Array): void {
    try {
      const { control, payload } = readPassThrough(this.#terms, packet);
      this.#terms.release();
      this.#owner.signal(this.#peer, packet.length, control, payload);
    } catch (error) {
      // Whatever is wrong with a packet is the peer's fault, as `Connection` has it. What is none of ours has to be seen as well.
      const isOurs = error instanceof DecodeError || error instanceof ProtocolError;
      this.#close((isOurs ? error : new ProtocolError("bad_packet", String(error), { cause: error })) as ProtocolError);
    }
  }

  #written(bytes: number): void {
    this.#unwritten -= bytes;
    if (this.bufferedBytes <= this.#limits.outboundBytes) this.#drain();
  }

  #flush(): void {
    this.#isFlushing = false;
    const written = this.#isFinished ? undefined : this.#writer?.take();
    if (written === undefined) return;
    // Beside it in memory is what others have sent or will.
    const packets = written.slice();
    this.#unwritten += packets.length;
    this.#post({ type: "packets", packets }, [packets.buffer]);
  }

  #close(error?: ProtocolError | ConnectionError): void {
    if (this.#isFinished) return;
    this.#flush();
    this.#post({ type: "close", error: error && plainError(error) });
    this.#finish(error);
  }

  #finish(error?: ConnectionError | ProtocolError): void {
    this.#end(error === undefined ? { type: "closed" } : { type: "closed", error });
  }

  #end(event: ControllerEvent): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#resolveFinished();
    this.#drain();
    this.#owner.event(event, this);
  }

  #drain(): void {
    for (const resume of this.#drainWaiters.splice(0)) resume();
  }
}
