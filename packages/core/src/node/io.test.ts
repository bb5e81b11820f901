import { afterEach, describe, expect, it } from "vitest";
import { atom, charlist, equals, Float, type Term, Tuple, tuple } from "../etf/index.ts";
import { memoryNetwork, type MemoryNetwork } from "../transports/memory.ts";
import { EOF, io, ioServer, type IoServer, type IoServerOptions } from "./io.ts";
import { ErlangNode } from "./node.ts";
import type { Process } from "./process.ts";

let network: MemoryNetwork = memoryNetwork();
const started: ErlangNode[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((node) => node.stop()));
  network = memoryNetwork();
});

async function start(name: string): Promise<ErlangNode> {
  const node = await ErlangNode.start({ name, cookie: "secret", connect: network.connect, listen: network.listen });
  started.push(node);
  return node;
}

/** A device on one node, and a process of another that uses it. */
async function pair(options: IoServerOptions = {}): Promise<{ device: IoServer; self: Process; printed: () => string }> {
  const [a, b] = [await start("a@memory"), await start("b@memory")];
  let text = "";
  const device = ioServer(a, { write: (more) => void (text += more), ...options });
  return { device, self: b.spawn(), printed: () => text };
}

const unicode = atom("unicode");
const error = (reason: Term): Term => tuple(atom("error"), reason);

/** The reply as it came, an error too. */
async function ask(self: Process, device: IoServer, request: Term): Promise<Term> {
  const ref = self.makeRef();
  self.send(device.pid, tuple(atom("io_request"), self.pid, ref, request));
  const reply = await self.receive((message): message is Tuple => message instanceof Tuple && equals(message.at(1), ref));
  expect(reply.at(0)).toBe(atom("io_reply"));
  return reply.at(2);
}

describe("an I/O device", () => {
  it("prints what it is given, in any form, and in the order of the requests", async () => {
    const { device, self, printed } = await pair();
    await io.putChars(self, device.pid, "α1 ");
    await io.format(self, device.pid, "~ts ~p~n", ["β", tuple(atom("ok"), new Float(2))]);
    for (const request of [
      tuple(atom("put_chars"), unicode, [charlist("γ"), new TextEncoder().encode("δ")]),
      tuple(atom("put_chars"), atom("latin1"), new Uint8Array([0xe9])),
      tuple(atom("put_chars"), charlist("é")),
      tuple(atom("put_chars"), atom("io_lib"), atom("fwrite"), [charlist("~w"), [charlist("a")]]),
      tuple(atom("put_chars"), unicode, atom("io_lib"), atom("write"), [charlist("b")]),
      tuple(atom("requests"), [tuple(atom("put_chars"), unicode, "1"), tuple(atom("put_chars"), unicode, "2")]),
    ]) {
      expect(await ask(self, device, request)).toBe(atom("ok"));
    }
    expect(printed()).toBe("α1 β {ok,2.0}\nγδéé[97][98]12");
  });

  it("waits for a slow writer, and lets the one who prints wait too", async () => {
    const release: (() => void)[] = [];
    const seen: string[] = [];
    const write = (text: string): Promise<void> => {
      seen.push(text);
      return new Promise((resolve) => release.push(resolve));
    };
    const { device, self } = await pair({ write });
    const replies: string[] = [];
    const first = io.putChars(self, device.pid, "first").then(() => replies.push("first"));
    const second = io.putChars(self, device.pid, "second").then(() => replies.push("second"));
    await expect.poll(() => seen).toEqual(["first"]);
    expect(replies).toEqual([]);
    release[0]?.();
    await first;
    await expect.poll(() => seen).toEqual(["first", "second"]);
    expect(replies).toEqual(["first"]);
    release[1]?.();
    await second;
  });

  it("writes to a stream, and lets go of it when it ends", async () => {
    const chunks: string[] = [];
    const stream = new WritableStream<string>({ write: (chunk) => void chunks.push(chunk) });
    const { device, self } = await pair({ write: stream });
    await io.putChars(self, device.pid, "streamed");
    device.stop();
    await device.process.exited;
    expect(chunks).toEqual(["streamed"]);
    expect(stream.locked).toBe(false);
  });

  it("gives lines, characters and passwords to those who read, one after the other, with a prompt", async () => {
    const { device, self, printed } = await pair();
    const lines = Promise.all([io.getLine(self, device.pid, "1> "), io.getLine(self, device.pid, "2> ")]);
    await expect.poll(printed).toBe("1> ");
    device.push("hé");
    device.push("llo\r\nsecond\nab");
    expect(await lines).toEqual(["héllo\n", "second\n"]);
    // There were characters left, so the second reader had no prompt.
    expect(printed()).toBe("1> ");
    const three = io.getChars(self, device.pid, "", 4);
    device.push("\ncd\nsecret\n");
    expect(await three).toBe("ab\nc");
    expect(await io.getLine(self, device.pid, "")).toBe("d\n");
    expect(await ask(self, device, tuple(atom("get_password"), unicode))).toEqual(charlist("secret"));
    expect(await io.getChars(self, device.pid, "", 0)).toBe("");
  });

  it("asks a reader for each line, and tells it the prompt and whether to echo", async () => {
    const asked: unknown[] = [];
    const answers = ["one", "two\n"];
    const { device, self, printed } = await pair({
      read: (prompt, { echo }) => {
        asked.push([prompt, echo]);
        return answers.shift();
      },
    });
    expect(await io.getLine(self, device.pid, "a? ")).toBe("one\n");
    const prompt = tuple(atom("format"), charlist("~w? "), [atom("b")]);
    expect(await ask(self, device, tuple(atom("get_line"), unicode, prompt))).toEqual(charlist("two\n"));
    expect(await ask(self, device, tuple(atom("get_password"), unicode))).toEqual(error(atom("terminated")));
    expect(asked).toEqual([
      ["a? ", true],
      ["b? ", true],
      ["", false],
    ]);
    expect(printed()).toBe("");
  });

  it("tells the end of a file only when the program says EOF, and only once", async () => {
    const { device, self } = await pair();
    device.push("rest");
    device.push(EOF);
    expect(await io.getLine(self, device.pid, "")).toBe("rest");
    expect(await io.getLine(self, device.pid, "")).toBe(EOF);
    device.push("ab");
    device.push(EOF);
    expect(await io.getChars(self, device.pid, "", 3)).toBe("ab");
    expect(await io.getChars(self, device.pid, "", 3)).toBe(EOF);
    device.terminate();
    await expect(io.getLine(self, device.pid, "")).rejects.toMatchObject({ reason: atom("terminated") });
  });

  it("gives input in the form and encoding that was asked for", async () => {
    const { device, self } = await pair();
    expect(await ask(self, device, tuple(atom("setopts"), [atom("binary")]))).toBe(atom("ok"));
    device.push("é\né\nα\n");
    expect(await ask(self, device, tuple(atom("get_line"), unicode, ""))).toEqual(new TextEncoder().encode("é\n"));
    expect(await ask(self, device, tuple(atom("get_line"), ""))).toEqual(new Uint8Array([0xe9, 10]));
    const untranslated = error(tuple(atom("no_translation"), unicode, atom("latin1")));
    expect(await ask(self, device, tuple(atom("get_line"), atom("latin1"), ""))).toEqual(untranslated);
  });

  it("keeps options, refuses unknown ones, and prints in the encoding that is set", async () => {
    const { device, self, printed } = await pair();
    const options = [tuple(atom("binary"), true), atom("latin1"), tuple(atom("echo"), false), tuple(atom("line_history"), false)];
    expect(await ask(self, device, tuple(atom("setopts"), options))).toBe(atom("ok"));
    expect(await ask(self, device, tuple(atom("setopts"), [atom("list"), atom("loud")]))).toEqual(error(atom("enotsup")));
    expect(await ask(self, device, atom("getopts"))).toEqual([
      tuple(atom("expand_fun"), false),
      tuple(atom("echo"), false),
      tuple(atom("binary"), true),
      tuple(atom("encoding"), atom("latin1")),
    ]);
    await io.putChars(self, device.pid, "é α");
    expect(printed()).toBe("é \\x{3B1}");
  });

  it("tells the size of the terminal, where there is one", async () => {
    let columns = 80;
    const { device, self } = await pair({ columns: () => columns });
    expect(await ask(self, device, tuple(atom("get_geometry"), atom("columns")))).toBe(80);
    columns = 132;
    expect(await ask(self, device, tuple(atom("get_geometry"), atom("columns")))).toBe(132);
    expect(await ask(self, device, tuple(atom("get_geometry"), atom("rows")))).toEqual(error(atom("enotsup")));
  });

  it.each<[string, Term, Term]>([
    ["an unknown request", atom("dance"), atom("request")],
    ["a request of another form", tuple(atom("get_line"), unicode, "", 1, 2), atom("request")],
    [
      "requests within requests",
      tuple(atom("requests"), [tuple(atom("requests"), [tuple(atom("put_chars"), unicode, "x")])]),
      atom("request"),
    ],
    ["what is no text", tuple(atom("put_chars"), unicode, atom("x"), 1), atom("request")],
    ["no characters", tuple(atom("put_chars"), unicode, [tuple()]), tuple(atom("put_chars"), unicode, [tuple()])],
    ["characters beyond Latin-1", tuple(atom("put_chars"), [0x3b1]), tuple(atom("put_chars"), atom("latin1"), [0x3b1])],
    [
      "requests after one that failed",
      tuple(atom("requests"), [atom("dance"), tuple(atom("put_chars"), unicode, "never")]),
      atom("request"),
    ],
  ])("refuses %s", async (_, request, reason) => {
    const { device, self, printed } = await pair();
    expect(await ask(self, device, request)).toEqual(error(reason));
    expect(printed()).toBe("");
  });

  it("has the asking node apply what it does not know, and never applies it itself", async () => {
    const { device, self, printed } = await pair();
    const request = tuple(atom("put_chars"), unicode, atom("texts"), atom("make"), ["x"]);
    // That node offers nothing yet.
    expect(await ask(self, device, request)).toEqual(error(atom("make")));
    started.find(({ name }) => name === "b@memory")?.expose("texts", { make: (x) => ["<", x, ">"] });
    started.find(({ name }) => name === "a@memory")?.expose("texts", { make: () => "here" });
    expect(await ask(self, device, request)).toBe(atom("ok"));
    expect(printed()).toBe("<x>");
    const own = (started.find(({ name }) => name === "a@memory") as ErlangNode).spawn();
    expect(await ask(own, device, request)).toEqual(error(atom("make")));
  });

  it("reads until a function of the asking node is done, and keeps what that leaves over", async () => {
    const { device, self } = await pair();
    // Collects lines up to one that ends with a semicolon; what follows is left over.
    const untilSemicolon = (continuation: Term, input: Term): Term => {
      const all = [...(continuation as number[]), ...(input === atom("eof") ? charlist(";") : (input as number[]))];
      const end = all.indexOf(0x3b);
      return end < 0 ? tuple(atom("more"), all) : tuple(atom("done"), all.slice(0, end), all.slice(end + 1));
    };
    started.find(({ name }) => name === "b@memory")?.expose("until", { semicolon: untilSemicolon });
    const request = tuple(atom("get_until"), unicode, "", atom("until"), atom("semicolon"), []);
    device.push("one\ntwo;rest\n");
    expect(await ask(self, device, request)).toEqual(charlist("one\ntwo"));
    expect(await io.getLine(self, device.pid, "")).toBe("rest\n");
    // What is left over may be the end of the file, which then is read next, unless it just was.
    const all = (_: Term, input: Term): Term => tuple(atom("done"), input, atom("eof"));
    started.find(({ name }) => name === "b@memory")?.expose("until", { semicolon: untilSemicolon, all });
    const everything = tuple(atom("get_until"), unicode, "", atom("until"), atom("all"), []);
    device.push("all\n");
    expect(await ask(self, device, everything)).toEqual(charlist("all\n"));
    expect(await ask(self, device, everything)).toEqual(atom("eof"));
    device.push("three");
    device.push(EOF);
    expect(await ask(self, device, request)).toEqual(charlist("three"));
    device.push("x\n");
    expect(await ask(self, device, tuple(atom("get_until"), unicode, "", atom("until"), atom("gone"), []))).toEqual(
      error(atom("gone")),
    );
  });

  it.each<[string, IoServerOptions, (self: Process, device: IoServer) => Promise<unknown>]>([
    ["writer", { write: () => Promise.reject(new Error("full")) }, (self, device) => io.putChars(self, device.pid, "x")],
    ["reader", { read: () => Promise.reject(new Error("gone")) }, (self, device) => io.getLine(self, device.pid, "")],
  ])("ends when its %s fails, and says so to those who use it", async (_, options, use) => {
    const { device, self } = await pair(options);
    await expect(use(self, device)).rejects.toMatchObject({ class: "error", reason: atom("terminated") });
    expect(String(await device.process.exited)).toContain("js_error");
    await expect(io.putChars(self, device.pid, "y")).rejects.toMatchObject({ reason: atom("terminated") });
  });

  it("does not leave those hanging who take it for a file", async () => {
    const { device, self } = await pair();
    const ref = self.makeRef();
    self.send(device.pid, tuple(atom("file_request"), self.pid, ref, tuple(atom("position"), 0)));
    expect(await self.receive()).toEqual(tuple(atom("file_reply"), ref, error(atom("enotsup"))));
  });

  it("leaves nothing behind, however much is printed and read", async () => {
    const { device, self, printed } = await pair();
    const before = started.map(({ counts }) => counts);
    await Promise.all(Array.from({ length: 1000 }, () => io.putChars(self, device.pid, ".")));
    const lines = Promise.all(Array.from({ length: 1000 }, () => io.getLine(self, device.pid, "")));
    for (let line = 0; line < 1000; line++) device.push(`${line}\n`);
    expect(new Set(await lines).size).toBe(1000);
    expect(printed()).toBe(".".repeat(1000));
    await expect.poll(() => started.map(({ counts }) => counts)).toEqual(before);
    expect([self.messageQueueLength, device.process.messageQueueLength]).toEqual([0, 0]);
  });
});
