// Defines <erl-console>. For the class alone: @erl-dist/web-demo/element.js
import { ErlConsole } from "./erl-console/element.ts";

export type { ConnectionState } from "./erl-console/connection-state.ts";
export type { ErlConsoleEventMap } from "./erl-console/events.ts";
export type { Failure } from "./erl-console/failure.ts";
export { ErlConsole };

// Another copy of this module may have been there first.
if (customElements.get("erl-console") === undefined) customElements.define("erl-console", ErlConsole);
