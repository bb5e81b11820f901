import { RequestError } from "./request-error.ts";

/** What the Worker's variables and secrets say. */
export interface Settings {
  /** The nodes that may be dialled: full name to fixed port, or to undefined where EPMD knows the port. */
  readonly nodes: ReadonlyMap<string, number | undefined>;
  readonly epmdPortNo: number;
  /** Known to the digests of the handshake, and to no answer or log. */
  readonly cookie: string;
}

export function readSettings(env: Env): Settings {
  // wrangler checks for required secrets, but a Worker may be deployed by other means.
  if (!env.ERLANG_COOKIE) throw new RequestError("bad_settings", "the secret ERLANG_COOKIE is not set");
  return {
    nodes: new Map(env.NODES.split(/[\s,]+/).flatMap(readNode)),
    epmdPortNo: readPortNo(env.ERL_EPMD_PORT, "ERL_EPMD_PORT"),
    cookie: env.ERLANG_COOKIE,
  };
}

function readNode(entry: string): [string, number | undefined][] {
  if (entry === "") return [];
  const [name = "", portNo] = entry.split("=");
  return [[name, portNo === undefined ? undefined : readPortNo(portNo, "NODES")]];
}

function readPortNo(text: string, variable: string): number {
  const portNo = Number(text);
  if (Number.isInteger(portNo) && portNo > 0 && portNo <= 0xffff) return portNo;
  throw new RequestError("bad_settings", `"${text}" in the variable ${variable} is not a port`);
}
