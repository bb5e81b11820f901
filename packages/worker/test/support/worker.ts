// The Worker in workerd, and what a test asks of it.
import { expect } from "vitest";
import { CALLER_KEY, COOKIE, newToken, startHarness, type WorkerOptions } from "./harness.ts";

export { CALLER_KEY, COOKIE, newToken, NODE_NAME, type WorkerOptions } from "./harness.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface AskOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export type TestWorker = Awaited<ReturnType<typeof startWorker>>;

export async function startWorker(worker: WorkerOptions) {
  const { cookie = COOKIE } = worker;
  const { harness, url, replaceCode } = await startHarness(worker);
  const token = await newToken();

  async function ask(path: string, options: AskOptions = {}): Promise<Answer> {
    const { body, method = body === undefined ? "GET" : "POST" } = options;
    const authorization = "token" in options ? options.token : token;
    const response = await harness.fetch(path, {
      method,
      headers: {
        ...(authorization === undefined ? {} : { authorization: `Bearer ${authorization}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    checkSecrets(text + JSON.stringify([...response.headers]));
    return { status: response.status, headers: response.headers as unknown as Headers, body: readBody(text) };
  }

  /** Whatever a test does: nothing that it hears or finds in the log may hold a secret. */
  function checkSecrets(text: string): void {
    for (const secret of [cookie, CALLER_KEY, token]) expect(text + logs().join("\n")).not.toContain(secret);
  }

  function logs(): string[] {
    return harness.getLogs().map(({ message }) => message);
  }

  return {
    harness,
    url,
    ask,
    logs,
    /** The result, or a failure of the test. */
    async result(path: string, body?: unknown): Promise<unknown> {
      const answer = await ask(path, body === undefined ? {} : { body });
      expect(answer).toMatchObject({ status: 200 });
      return answer.body["result"];
    },
    /** By RPC, from the other Worker. */
    async rpc(method: string, ...args: readonly unknown[]): Promise<Answer["body"]> {
      const response = await harness.getWorker("client").fetch("/", { method: "POST", body: JSON.stringify({ method, args }) });
      const text = await response.text();
      checkSecrets(text);
      return JSON.parse(text) as Answer["body"];
    },
    /** A stream of Server-Sent Events. */
    async events(path: string, body?: unknown): Promise<EventReader> {
      const response = await harness.fetch(path, {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
      expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
      // The harness's fetch is not the one that the types here know.
      return new EventReader(response.body as unknown as ReadableStream<Uint8Array>);
    },
    creation: async (): Promise<number> => Number((await ask("/nodes")).body["creation"]),
    /**
     * Ends the object's present instance as the platform does when it puts it away, but at any time: the harness's own
     * `evictDurableObject` waits until no socket is open. By default the node's; else the bridge's for a target.
     */
    async evict(target?: string): Promise<void> {
      await harness.fetch(target === undefined ? "/crash" : `/crash?target=${target}`);
    },
    replaceCode,
    stop: (): Promise<void> => harness.close(),
  };
}

function readBody(text: string): Answer["body"] {
  try {
    return JSON.parse(text) as Answer["body"];
  } catch {
    // Not the Worker's own answer, but what wrangler says in its place.
    return { text };
  }
}

/** Reads Server-Sent Events as a page's EventSource does. */
export class EventReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  async next(): Promise<Readonly<Record<string, unknown>>> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const event = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data !== undefined) return JSON.parse(data) as Readonly<Record<string, unknown>>;
        continue;
      }
      const { done, value } = await this.#reader.read();
      if (done) throw new Error("the stream has ended");
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }

  close(): Promise<void> {
    return this.#reader.cancel();
  }
}
