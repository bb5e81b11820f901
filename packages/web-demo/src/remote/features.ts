// What the node is and has. Panels ask for what they need, and never for a release's number: see `has`.
import { atom, type Term, text } from "@erl-dist/core";
import type { RemoteFunction } from "./remote-function.ts";

export interface NodeFeatures {
  /** As in `27`. */
  readonly otpRelease: string;
  /** Version of the emulator. */
  readonly erts: string;
  /** Undefined where there is no Elixir. */
  readonly elixir: string | undefined;
  /** The application runtime_tools can be used; many releases leave it out. */
  readonly hasRuntimeTools: boolean;
}

/** What this needs of a RemoteNode. */
interface Calls {
  call(module: string, fun: string, args: readonly Term[]): Promise<Term>;
  batch(calls: readonly RemoteFunction[]): Promise<Term[]>;
}

export async function readFeatures(remote: Calls): Promise<NodeFeatures> {
  const [otpRelease, erts, elixirPath, toolsPath] = (await remote.batch([
    ["erlang", "system_info", [atom("otp_release")]],
    ["erlang", "system_info", [atom("version")]],
    ["code", "which", [atom("Elixir.System")]],
    ["code", "which", [atom("observer_backend")]],
    // As many values as calls.
  ])) as [Term, Term, Term, Term];
  return {
    otpRelease: text(otpRelease),
    erts: text(erts),
    elixir: elixirPath === NON_EXISTING ? undefined : text(await remote.call("Elixir.System", "version", [])),
    hasRuntimeTools: toolsPath !== NON_EXISTING,
  };
}

const NON_EXISTING: Term = atom("non_existing");
