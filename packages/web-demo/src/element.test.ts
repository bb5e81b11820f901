// The element against nodes of the same page: the core accepts in memory, where Erlang would over TCP.
import { atom, ConnectionError, type Connector, ErlangNode, Pid, type Term, Tuple, tuple } from "@erl-dist/core";
import { memoryNetwork, memoryPair } from "@erl-dist/core/transports/memory";
import { afterEach, describe, expect, it, vi } from "vitest";
import { page, userEvent } from "vitest/browser";
import { ErlConsole } from "./index.ts";

const COOKIE = "secret";
const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Remote {
  readonly node: ErlangNode;
  readonly connect: Connector;
  /** What arrived at the process registered as `sink`. */
  readonly sink: { receive(): Promise<Term> };
}

/** A node that listens in memory, with `echo` and `sink`. */
async function startRemote(name = "app@memory"): Promise<Remote> {
  const network = memoryNetwork();
  const node = await ErlangNode.start({ name, cookie: COOKIE, connect: network.connect, listen: network.listen });
  cleanups.push(() => node.stop());
  node.spawn(async (self) => {
    self.register("echo");
    for await (const message of self) {
      if (message instanceof Tuple && message.at(0) instanceof Pid)
        self.send(message.at(0) as Pid, tuple(atom("echo"), message.at(1)));
    }
  });
  const sink = node.spawn();
  sink.register("sink");
  return { node, connect: network.connect, sink };
}

/** A node that takes the connection and then says nothing. */
const silent: Connector = async () => memoryPair()[0];

function mount(
  settings: Partial<Pick<ErlConsole, "bridge" | "node" | "cookie" | "name" | "connector" | "autoconnect">>,
): ErlConsole {
  const element = new ErlConsole();
  Object.assign(element, {
    bridge: "ws://127.0.0.1:1",
    node: "app@memory",
    cookie: COOKIE,
    panels: "messages",
    allow: "send",
    ...settings,
  });
  document.body.append(element);
  cleanups.push(async () => {
    await element.disconnect();
    element.remove();
  });
  return element;
}

function next<Name extends keyof HTMLElementEventMap>(element: ErlConsole, name: Name): Promise<HTMLElementEventMap[Name]> {
  return new Promise((resolve) => element.addEventListener(name, resolve, { once: true }));
}

const status = () => page.getByRole("status").first();
const button = (name: string) => page.getByRole("button", { name, exact: true });

describe("before a connection", () => {
  it("asks for a bridge and a node when none is given", async () => {
    mount({ bridge: "", node: "" });
    await expect.element(status()).toMatchTextContent(/Name a bridge and a node/);
  });

  it("does not connect by itself", async () => {
    const { connect } = await startRemote();
    const element = mount({ connector: connect });
    await expect.element(status()).toHaveTextContent("Ready to connect to app@memory.");
    expect(element.state).toEqual({ type: "disconnected" });
  });

  it("connects with what was typed", async () => {
    const { connect } = await startRemote();
    const element = mount({ connector: connect, cookie: "" });
    await page.getByLabelText("Cookie").fill(COOKIE);
    await userEvent.keyboard("{Enter}");
    await expect.element(status()).toMatchTextContent(/^Connected to app@memory as /);
    expect(element.cookie).toBe(COOKIE);
  });
});

describe("while connecting", () => {
  it("shows the step and can be cancelled", async () => {
    let aborted = false;
    const connector: Connector = (_peer, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => {
          aborted = true;
          reject(new ConnectionError("aborted", "aborted"));
        });
      });
    const element = mount({ connector, autoconnect: true });
    await expect.element(page.getByText("Opening ws://127.0.0.1:1")).toHaveAttribute("aria-current", "step");
    await button("Cancel").click();
    await expect.element(status()).toMatchTextContent(/^Ready to connect/);
    expect(aborted).toBe(true);
    expect(element.state).toEqual({ type: "disconnected" });
  });

  it("tells the handshake from the way there", async () => {
    mount({ connector: silent, autoconnect: true });
    await expect.element(page.getByText("Shaking hands with app@memory")).toHaveAttribute("aria-current", "step");
  });
});

describe("a failure", () => {
  it("is shown in words with the form to correct it, and as an event", async () => {
    const { connect } = await startRemote();
    const element = mount({ connector: connect, cookie: "wrong" });
    const failed = next(element, "erl-error");
    await element.connect();
    expect((await failed).detail.failure.code).toBe("wrong_cookie");
    await expect.element(page.getByText("This page and app@memory do not share the same cookie.")).toBeVisible();
    await page.getByLabelText("Cookie").fill(COOKIE);
    await button("Try again").click();
    await expect.element(status()).toMatchTextContent(/^Connected/);
  });

  it.each([
    ["bridge_unreachable", "No bridge"],
    ["bridge_refused", "The bridge refused"],
    ["no_such_node", "Unknown node"],
    ["epmd_unreachable", "No EPMD"],
    ["refused", "Node is down"],
  ] as const)("of the way (%s) reads: %s", async (code, title) => {
    const element = mount({ connector: () => Promise.reject(new ConnectionError(code, "no")) });
    await element.connect();
    await expect.element(page.getByText(title)).toBeVisible();
    expect(element.state).toMatchObject({ type: "failed", failure: { code } });
  });

  it("of a bridge that is no address is the caller's", async () => {
    const element = mount({ bridge: "ftp://nowhere" });
    await element.connect();
    expect(element.state).toMatchObject({ type: "failed", failure: { code: "wrong_setting" } });
  });

  it("says when our name is taken", async () => {
    const { node, connect } = await startRemote();
    const first = mount({ connector: connect, name: "page@memory" });
    await first.connect();
    expect(node.nodes()).toContain("page@memory");
    const second = mount({ connector: connect, name: "page@memory" });
    await second.connect();
    expect(second.state).toMatchObject({ type: "failed", failure: { code: "name_in_use" } });
    expect(first.state.type).toBe("connected");
  });
});

describe("connected", () => {
  it("says so in words, as an event, and pings at once", async () => {
    const { connect } = await startRemote();
    const element = mount({ connector: connect, name: "page@memory" });
    const connected = next(element, "erl-connect");
    await element.connect();
    expect((await connected).detail).toEqual({ name: "page@memory", peer: "app@memory" });
    await expect.element(page.getByText(/^\d+(\.\d)? ms$/)).toBeVisible();
    expect(await element.ping()).toBeGreaterThan(0);
  });

  it("sends a typed term to a registered name", async () => {
    const { connect, sink } = await startRemote();
    const element = mount({ connector: connect });
    await element.connect();
    await page.getByLabelText("Registered name or pid").fill("sink");
    await page.getByRole("combobox", { name: "Sent as" }).selectOptions("message");
    await page.getByRole("textbox", { name: "Term" }).fill("hello");
    await userEvent.keyboard("{Enter}");
    expect(await sink.receive()).toBe(atom("hello"));
    await expect.element(page.getByRole("textbox", { name: "Term" })).toHaveValue("");
    await expect.element(page.getByRole("listitem")).toMatchTextContent(/sent to sink hello$/);
  });

  it("says where a text is no term, and keeps it", async () => {
    const { connect } = await startRemote();
    const element = mount({ connector: connect });
    await element.connect();
    const term = page.getByRole("textbox", { name: "Term" });
    await page.getByLabelText("Registered name or pid").fill("sink");
    await term.fill("{hello, World}");
    await expect.element(button("Send")).toBeDisabled();
    await expect.element(page.getByText("line 1, column 9: expected a term, got the variable World")).toBeVisible();
    await expect.element(term).toHaveAttribute("aria-invalid", "true");
    await expect.element(term).toHaveValue("{hello, World}");
    expect(element.state.type).toBe("connected");
  });

  it("shows the answer of a process that was told who asks", async () => {
    const { connect } = await startRemote();
    const element = mount({ connector: connect });
    await element.connect();
    await page.getByLabelText("Registered name or pid").fill("echo");
    await page.getByRole("textbox", { name: "Term" }).fill("hello");
    await button("Send").click();
    await expect.element(page.getByText("{echo,hello}")).toBeVisible();
  });

  it("receives what is sent to the page's registered process", async () => {
    const { node, connect } = await startRemote();
    const element = mount({ connector: connect, name: "page@memory" });
    await element.connect();
    const received = next(element, "erl-message");
    node.send({ name: "console", node: "page@memory" }, tuple(atom("from"), atom("erlang")));
    expect((await received).detail.message).toEqual(tuple(atom("from"), atom("erlang")));
    await expect.element(page.getByRole("log")).toMatchTextContent(/received by console \{from,erlang\}$/);
    await button("Clear").click();
    await expect.element(page.getByRole("log")).toMatchTextContent(/Nothing yet/);
  });

  it("ends when the user says so, and the peer sees the node go", async () => {
    const { node, connect } = await startRemote();
    const element = mount({ connector: connect, name: "page@memory" });
    await element.connect();
    const down = new Promise((resolve) => node.addEventListener("nodedown", resolve, { once: true }));
    const disconnected = next(element, "erl-disconnect");
    await button("Disconnect").click();
    expect((await disconnected).detail).toEqual({ peer: "app@memory" });
    await down;
  });

  it("survives a move within the document and ends with the element", async () => {
    const { node, connect } = await startRemote();
    const element = mount({ connector: connect, name: "page@memory" });
    await element.connect();
    const place = document.createElement("div");
    document.body.append(place);
    cleanups.push(() => place.remove());
    place.append(element);
    await Promise.resolve();
    expect(element.state.type).toBe("connected");
    const down = new Promise((resolve) => node.addEventListener("nodedown", resolve, { once: true }));
    element.remove();
    await down;
  });
});

describe("a lost connection", () => {
  it("says why, keeps the messages, and comes back at once on demand", async () => {
    const { node, connect } = await startRemote();
    const element = mount({ connector: connect, name: "page@memory" });
    await element.connect();
    element.send("sink", atom("before"));
    const disconnected = next(element, "erl-disconnect");
    await node.disconnect("page@memory");
    expect((await disconnected).detail.failure?.code).toBe("closed");
    // As soon as it is there, and not when a pointer would be: by then the page may have come back by itself.
    await vi.waitFor(() => (button("Reconnect now").element() as HTMLButtonElement).click(), { interval: 5 });
    await expect.element(status()).toMatchTextContent(/^Connected/);
    await expect.element(page.getByRole("listitem")).toMatchTextContent(/before$/);
  });

  it("comes back by itself, and says what stands in the way meanwhile", async () => {
    const { node, connect } = await startRemote();
    let away = false;
    const element = mount({
      connector: (peer, options) => (away ? Promise.reject(new ConnectionError("refused", "no")) : connect(peer, options)),
      name: "page@memory",
    });
    await element.connect();
    away = true;
    const failed = next(element, "erl-error");
    await node.disconnect("page@memory");
    expect((await failed).detail.failure.code).toBe("refused");
    await expect.element(page.getByText("Node is down")).toBeVisible();
    away = false;
    await next(element, "erl-connect");
    expect(element.state.type).toBe("connected");
  });

  it("stays lost when the user says so", async () => {
    const { node, connect } = await startRemote();
    const element = mount({ connector: connect, name: "page@memory" });
    await element.connect();
    const disconnected = next(element, "erl-disconnect");
    await node.disconnect("page@memory");
    await disconnected;
    // As soon as it is there: it goes when the page has come back by itself.
    await vi.waitFor(() => (button("Stop").element() as HTMLButtonElement).click(), { interval: 5 });
    expect(element.state).toEqual({ type: "disconnected" });
  });
});
