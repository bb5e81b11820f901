// The console's worker for a page whose bundler puts files elsewhere than the console would look for them. The page names it:
//   shop.worker = () => new Worker(new URL("@erl-dist/web-demo/worker.js", import.meta.url), { type: "module" });
import type { ControllerPort } from "@erl-dist/core/controller-server";
import { serveIn, WORKER_NAME } from "./connection/controllers.ts";

const scope = globalThis as unknown as ControllerPort & { readonly name: string };
// By that name it has begun already.
if (scope.name !== WORKER_NAME) serveIn(scope);
