import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startErl } from "../../test/support/otp.ts";
import { type DemoPeer, PEER_ALIVE } from "./peer.ts";

const APPLICATION = fileURLToPath(new URL("../../packages/web-demo/demo/demo_app.erl", import.meta.url));

export function hasErlang(): boolean {
  try {
    execFileSync("erl", ["-noshell", "-eval", "halt()."], { stdio: "ignore" });
    return true;
  } catch {
    // Not in PATH, or not able to start: either way there is none to use.
    return false;
  }
}

/** A real Erlang node on 127.0.0.1 with the sample application, which is compiled in its memory: no file is left. */
export async function startErlangPeer(cookie: string): Promise<DemoPeer> {
  // +Bi: Ctrl-C belongs to the demo program, which ends the node.
  const erl = await startErl({ alive: PEER_ALIVE, cookie, args: ["+Bi"] });
  try {
    await erl.eval(
      `{ok, Module, Code} = compile:file(${JSON.stringify(APPLICATION)}, [binary, return_errors]),
       {module, Module} = code:load_binary(Module, "demo_app.erl", Code),
       Module:start()`,
    );
  } catch (error) {
    await erl.stop();
    throw error;
  }
  return {
    kind: "erlang",
    name: erl.name,
    cookie,
    portNo: erl.portNo,
    description: `The node behind this page is a real one: ${erl.name}, Erlang/OTP ${erl.otp}.`,
    eval: (expressions) =>
      erl.eval(expressions).catch((error: Error) => (error.message.startsWith("erl ended") ? undefined : error.message)),
    stop: () => erl.stop(),
  };
}
