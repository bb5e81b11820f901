// What a VPC binding is to a Worker: something with connect() that gets through to where the Internet does not.
import { connect } from "cloudflare:sockets";

export default {
  async fetch(): Promise<Response> {
    return new Response("only for connect()", { status: 404 });
  },
  async connect(socket: Socket): Promise<void> {
    const { localAddress = "" } = await socket.opened;
    console.log(`tunnel to ${localAddress}`);
    const far = connect(localAddress);
    await Promise.allSettled([socket.readable.pipeTo(far.writable), far.readable.pipeTo(socket.writable)]);
  },
};
