// The page around the console. It uses <erl-console> as any page would: attributes, events, nothing else.
import { ErlConsole } from "@erl-dist/web-demo";
import { type DemoConfig, fetchDemoConfig } from "./demo-config.ts";

const PLACEHOLDER = "page@host";
const COPIED_MS = 2_000;

const erlConsole = element("erl-console", ErlConsole);
const snippet = element("#snippet", HTMLElement);
const copy = element("#copy", HTMLButtonElement);

erlConsole.addEventListener("erl-connect", ({ detail }) => showSnippet(detail.name));
erlConsole.addEventListener("erl-disconnect", () => showSnippet(PLACEHOLDER));
copy.addEventListener("click", () => void copySnippet());

showSnippet(PLACEHOLDER);
const config = await fetchDemoConfig();
describe(config);
if (config !== undefined) {
  erlConsole.setAttribute("bridge", config.bridge);
  erlConsole.setAttribute("node", config.node);
  erlConsole.setAttribute("cookie", config.cookie);
  await erlConsole.connect();
}

function describe(found: DemoConfig | undefined): void {
  const erlang = found?.peer !== "embedded";
  element("#from-erlang-how", HTMLElement).textContent = erlang
    ? "The terminal that runs the demo evaluates Erlang on the demo node. Ping this page there, and send to its registered process:"
    : "With Erlang installed, the terminal that runs the demo evaluates Erlang, such as this:";
  element("#peer", HTMLElement).textContent =
    found?.description ?? "This page was opened without the demo program: npm run demo starts a node for it.";
}

async function copySnippet(): Promise<void> {
  await navigator.clipboard.writeText(snippet.textContent);
  copy.textContent = "Copied";
  setTimeout(() => (copy.textContent = "Copy"), COPIED_MS);
}

function showSnippet(name: string): void {
  snippet.textContent = `net_adm:ping('${name}'), {console, '${name}'} ! {hello, from, node()}.`;
}

function element<T extends Element>(selector: string, type: new () => T): T {
  const found = document.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} at ${selector}`);
  return found;
}
