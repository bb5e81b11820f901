// Where a release has its Elixir: Debian's package puts it into the same place everywhere.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Release } from "../../../../test/support/otp.ts";

const LIBRARIES = "/usr/lib/elixir/lib";

/** Arguments with which `erl` of the release is a node that runs Elixir. Throws an Error that names what is missing. */
export function elixirArguments({ otp, prefix }: Release): readonly string[] {
  const [, root = "/"] = prefix;
  if (!existsSync(join(root, LIBRARIES))) {
    throw new Error(`OTP ${otp} has no Elixir in ${join(root, LIBRARIES)}. Run: sudo apt-get install elixir`);
  }
  const paths = ["elixir", "iex", "logger", "eex"].map((library) => `${LIBRARIES}/${library}/ebin`);
  return ["-pa", ...paths, "-eval", "{ok, _} = application:ensure_all_started(iex)."];
}
