// The least that a Worker can do with TCP: connect(), and wait for the first bytes. What the other numbers are compared with.
import { connect } from "cloudflare:sockets";

export default {
  async fetch(request: Request): Promise<Response> {
    const socket = connect(new URL(request.url).searchParams.get("to") ?? "");
    const reader = socket.readable.getReader();
    const { value } = await reader.read();
    await socket.close();
    return new Response(String(value?.length));
  },
};
