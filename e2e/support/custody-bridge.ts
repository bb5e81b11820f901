// A bridge that keeps the cookie to itself, and tickets for it.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Certificate } from "../../packages/core/test/support/certificate.ts";
import type { ErlNode } from "../../test/support/otp.ts";
import { BRIDGE_COMMAND } from "./bridge.ts";
import type { Ticket } from "./custody-page.ts";

export const COOKIE = "thecookiethatnopageeversees";
export const TARGET = "shop";
const KEY = "only for tests, and long enough to be a key";

/** Where it speaks TLS; PEM texts. */
export interface CustodyTls {
  readonly toPage?: Certificate | undefined;
  readonly toNode?: (Certificate & { readonly ca: string }) | undefined;
}

export class CustodyConfig implements Disposable {
  readonly #folder: string = mkdtempSync(join(tmpdir(), "erl-bridge-"));

  /** Of a bridge to that node for pages of that origin: the command's arguments. */
  write(erl: ErlNode, origin: string, { toPage, toNode }: CustodyTls = {}): string[] {
    const targets = { [TARGET]: { node: erl.name, portNo: erl.portNo, tls: toNode } };
    const config = { key: KEY, auth: { type: "jwt" }, cookie: COOKIE, origins: [origin], targets, tls: toPage };
    writeFileSync(this.#file, JSON.stringify(config));
    return ["--config", this.#file];
  }

  /** What `erl-bridge mint` prints. */
  mint(): Ticket {
    const args = ["mint", "--config", this.#file, "--target", TARGET, "--subject", "ann"];
    const command = ["-C", "@erl-dist/source", BRIDGE_COMMAND, ...args];
    return JSON.parse(execFileSync(process.execPath, command, { encoding: "utf8" })) as Ticket;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }

  get #file(): string {
    return join(this.#folder, "bridge.json");
  }
}
