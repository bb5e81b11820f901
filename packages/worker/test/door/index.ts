// Another Worker through which nodes come in: what its own listener takes goes to the node by a service binding.
interface DoorEnv {
  readonly WORKER: Fetcher;
}

export default {
  async fetch(): Promise<Response> {
    return new Response("only for connect()", { status: 404 });
  },
  async connect(socket: Socket, { WORKER }: DoorEnv): Promise<void> {
    const worker = WORKER.connect("worker:1");
    await Promise.allSettled([socket.readable.pipeTo(worker.writable), worker.readable.pipeTo(socket.writable)]);
  },
};
