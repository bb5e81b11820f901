// A page whose bundler makes a file of its own of the console's worker.
import { ErlConsole } from "../../../packages/web-demo/src/index.ts";

const element = new ErlConsole();
for (const [name, value] of new URLSearchParams(location.search)) element.setAttribute(name, value);
element.worker = () => new Worker(new URL("../../../packages/web-demo/src/worker.ts", import.meta.url), { type: "module" });
document.body.append(element);
void element.connect();
