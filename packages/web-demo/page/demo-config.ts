/** What `npm run demo` tells the page it serves, at `demo-config.json`. */
export interface DemoConfig {
  readonly bridge: string;
  readonly node: string;
  /** Made for one run of the demo; real pages never hold a cookie. */
  readonly cookie: string;
  readonly peer: "erlang" | "embedded";
  /** One sentence: what the node is. */
  readonly description: string;
}

export const DEMO_CONFIG_PATH = "/demo-config.json";

/** Undefined when the page is served by something else than the demo. */
export async function fetchDemoConfig(): Promise<DemoConfig | undefined> {
  const response = await fetch(DEMO_CONFIG_PATH, { headers: { accept: "application/json" } });
  if (!response.ok || !response.headers.get("content-type")?.startsWith("application/json")) return undefined;
  // The demo program writes it with this very type.
  return (await response.json()) as DemoConfig;
}
