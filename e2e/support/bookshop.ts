// A node as it is met at work, for pictures.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ErlNode, placeFiles, type Release } from "../../test/support/otp.ts";

const SOURCE = readFileSync(join(import.meta.dirname, "bookshop.erl"), "utf8");

/** Starts the application `bookshop` on the node. */
export async function openBookshop(erl: ErlNode, release: Release): Promise<void> {
  const { folder, remove } = placeFiles(release, { "bookshop.erl": SOURCE });
  try {
    await erl.eval(`{ok, Module, Code} = compile:file("${folder}/bookshop", [binary]),
      {module, Module} = code:load_binary(Module, "bookshop.beam", Code), ok = Module:run()`);
  } finally {
    remove();
  }
}
