// An edge function that is an Erlang node: no gateway in between. In this cut a node lives for one request.
import { answer } from "./routes.ts";

const worker: ExportedHandler<Env> = {
  fetch: (request, env) => answer(request, env),
};

export default worker;
