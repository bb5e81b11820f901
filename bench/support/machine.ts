// What a run was made with: nobody can compare figures of two machines, but may want to know which class it was.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, loadavg, totalmem } from "node:os";
import { join } from "node:path";

export function machine(): string {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../packages/core/package.json"), "utf8")) as {
    readonly version: string;
  };
  const erlang = spawnSync("erl", ["-noshell", "-eval", "io:put_chars(erlang:system_info(otp_release)), halt()."], {
    encoding: "utf8",
  });
  const lines = [
    `Date: ${new Date().toISOString().slice(0, 10)}`,
    `Machine: ${availableParallelism()} cores (${process.arch}), ${Math.round(totalmem() / 1024 ** 3)} GiB, ${process.platform}`,
    `Load when it began: ${(loadavg()[0] ?? 0).toFixed(1)}`,
    `Versions: erl-dist ${version}, Node.js ${process.versions.node} (V8 ${process.versions.v8}), Erlang/OTP ${erlang.status === 0 ? erlang.stdout : "not found"}`,
  ];
  return lines.map((line) => `- ${line}`).join("\n");
}
