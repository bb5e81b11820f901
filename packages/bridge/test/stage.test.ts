// What a stage between the two directions can do on a real link. The stages here are made up; each shows one thing.
import { once } from "node:events";
import { expect, it } from "vitest";
import type { Refusal, Side, Stage } from "../src/index.ts";
import { connected, openPage, readBytes, startBridge } from "./support/bridge.ts";

const REFUSAL: Refusal = { close: "badHandshake", reason: "not like this", detail: "for the log" };

/** Passes everything on, but for what a test has to say about it. */
class PlainStage implements Stage {
  readonly out: Record<Side, Uint8Array[]> = { page: [], node: [] };
  refusal: Refusal | undefined;
  connected: undefined;
  timeout: number | undefined;

  receive(from: Side, chunk: Uint8Array): void {
    this.out[from === "page" ? "node" : "page"].push(chunk);
  }

  takeOutbound(to: Side): Uint8Array | undefined {
    return this.out[to].shift();
  }

  nextTimeout(): number | undefined {
    return this.timeout;
  }

  handleTimeout(_now: number): void {
    this.timeout = undefined;
  }

  nodeReached(_now: number): void {}

  explainEnd(_from: Side): Refusal | undefined {
    return undefined;
  }
}

it("sees the bytes of both sides, and passes on what it likes", async () => {
  const seen: string[] = [];
  class Shouting extends PlainStage {
    override receive(from: Side, chunk: Uint8Array): void {
      const text = Buffer.from(chunk).toString();
      seen.push(`${from}: ${text}`);
      super.receive(from, Buffer.from(text.toUpperCase()));
      if (from === "page") this.out.page.push(Buffer.from("thanks"));
    }
  }
  const { page, node, link1 } = await connected({ stage: () => new Shouting() });
  page.socket.send(Buffer.from("hello"));
  expect(String(await readBytes(node, 5))).toBe("HELLO");
  node.write("world");
  expect(String(await page.read(11))).toBe("thanksWORLD");
  expect(seen).toEqual(["page: hello", "node: world"]);
  expect(link1.toNode.bytes).toBe(5);
  expect(link1.toPage.bytes).toBe(11);
});

it("is told whose link it is, and when the node is reached", async () => {
  const order: string[] = [];
  class Told extends PlainStage {
    override nodeReached(): void {
      order.push("reached");
      this.out.page.push(Buffer.from("hello"));
    }
  }
  const { page } = await connected({
    stage: (target, now) => {
      order.push(`stage of ${target.node} at ${now}`);
      return new Told();
    },
  });
  expect(String(await page.read(5))).toBe("hello");
  expect(order).toEqual(["stage of app@127.0.0.1 at 0", "reached"]);
});

it("refuses with words of its own, after what it had to say", async () => {
  class Refusing extends PlainStage {
    override receive(): void {
      this.out.page.push(Buffer.from("no"));
      this.out.node.push(Buffer.from("bye"));
      this.refusal = REFUSAL;
    }
  }
  const { page, node, record } = await connected({ stage: () => new Refusing() });
  page.socket.send(Buffer.from("hello"));
  page.socket.send(Buffer.from("and more"));
  expect(await page.closed).toEqual({ code: 4406, reason: "not like this" });
  expect(String(Buffer.concat(page.received))).toBe("no");
  expect(String(await readBytes(node, 3))).toBe("bye");
  await once(node.resume(), "end");
  node.end();
  const detail = "for the log";
  expect(await record()).toMatchObject({ by: "bridge", code: 4406, detail, toNodeBytes: 3, toPageBytes: 2 });
});

it("ends its own link when it breaks, and lets nothing through", async () => {
  class Broken extends PlainStage {
    override receive(from: Side, chunk: Uint8Array): void {
      super.receive(from, chunk);
      throw new RangeError("with the page's bytes in it");
    }
  }
  const { page, node, record } = await connected({ stage: () => new Broken() });
  page.socket.send(Buffer.from("hello"));
  page.socket.send(Buffer.from("again"));
  expect(await page.closed).toEqual({ code: 4500, reason: "the bridge failed" });
  expect(await node.toArray()).toEqual([]);
  node.end();
  expect(await record()).toMatchObject({ code: 4500, detail: "the stage broke: RangeError", toNodeBytes: 0 });
});

it("is let go of when it has a rest, which looks at what the page says, and at nothing else", async () => {
  const seen: string[] = [];
  const inspected: string[] = [];
  class Passing extends PlainStage {
    rest: Stage["rest"];
    override receive(from: Side, chunk: Uint8Array): void {
      seen.push(Buffer.from(chunk).toString());
      super.receive(from, chunk);
      const inspect = (bytes: Uint8Array): Refusal | undefined => {
        const text = Buffer.from(bytes).toString();
        inspected.push(text);
        return text === "bad" ? REFUSAL : undefined;
      };
      this.rest = { inspect };
    }
  }
  const { page, node, record } = await connected({ stage: () => new Passing() });
  const say = (text: string): void => page.socket.send(Buffer.from(text));
  say("hello");
  expect(String(await readBytes(node, 5))).toBe("hello");
  node.write("world");
  expect(String(await page.read(5))).toBe("world");
  say("again");
  expect(String(await readBytes(node, 5))).toBe("again");
  say("bad");
  say("more");
  expect(await page.closed).toEqual({ code: 4406, reason: "not like this" });
  expect(await node.toArray()).toEqual([]);
  node.end();
  expect(await record()).toMatchObject({ by: "bridge", code: 4406, detail: "for the log", toNodeBytes: 10, toPageBytes: 5 });
  expect(seen).toEqual(["hello"]);
  expect(inspected).toEqual(["again", "bad"]);
});

it("ends its own link when its rest breaks, and lets nothing through", async () => {
  class Broken extends PlainStage {
    readonly rest = {
      inspect(): Refusal | undefined {
        throw new RangeError("with the page's bytes in it");
      },
    };
  }
  const { page, node, record } = await connected({ stage: () => new Broken() });
  page.socket.send(Buffer.from("hello"));
  expect(await page.closed).toEqual({ code: 4500, reason: "the bridge failed" });
  expect(await node.toArray()).toEqual([]);
  node.end();
  expect(await record()).toMatchObject({ code: 4500, detail: "the stage broke: RangeError", toNodeBytes: 0 });
});

it("has a clock that the link's beats move", async () => {
  class Impatient extends PlainStage {
    override timeout: number | undefined = 60;
    override handleTimeout(now: number): void {
      this.timeout = undefined;
      this.refusal = { close: "handshakeTimeout", detail: now >= 60 ? "late" : "early" };
    }
  }
  const { page, node, record } = await connected({ limits: { handshakeTimeMs: 100 }, stage: () => new Impatient() });
  expect(await page.closed).toEqual({ code: 4405, reason: "the handshake took too long" });
  node.end();
  expect(await record()).toMatchObject({ detail: "late" });
});

it("explains why a side has ended, where it knows better", async () => {
  class Explaining extends PlainStage {
    override explainEnd(from: Side): Refusal | undefined {
      return from === "node" ? { close: "wrongCookie" } : undefined;
    }
  }
  const refused = await connected({ stage: () => new Explaining() });
  refused.node.end();
  expect((await refused.page.closed).code).toBe(4514);
  expect(await refused.record()).toMatchObject({ by: "node", code: 4514 });

  const left = await connected({ stage: () => new Explaining() });
  left.page.socket.close(1000, "bye");
  await once(left.node.resume(), "end");
  left.node.end();
  expect(await left.record()).toMatchObject({ by: "page", code: 1000, reason: "bye" });
});

it("may look while the node is not reached yet", async () => {
  class Refusing extends PlainStage {
    override receive(): void {
      this.refusal = REFUSAL;
    }
  }
  const dial = (): Promise<never> => new Promise(() => undefined);
  const { url, record } = await startBridge({ targets: { app: { node: "app@127.0.0.1" } }, dial, stage: () => new Refusing() });
  const page = await openPage(url);
  page.socket.send(Buffer.from("hello"));
  expect((await page.closed).code).toBe(4406);
  expect(await record()).toMatchObject({ code: 4406, dialMs: undefined });
});
