import { describe, expect, it } from "vitest";
import { Conversation } from "../../test/support/conversation.ts";
import { PASS_THROUGH_MODE } from "../../test/support/distribution-modes.ts";
import { EncodeError } from "../errors.ts";
import { atom, NativeRecord, Pid, Reference, type Term } from "../etf/index.ts";
import { DFLAG } from "../handshake/index.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { allForms } from "./all-forms.ts";
import type { ControlMessage } from "./control.ts";
import { PassThrough } from "./pass-through.ts";
import { SendOnly } from "./send-only.ts";

const fromPid = new Pid(atom("page@browser"), 1, 0, 77_777);
const toPid = new Pid(atom("app@host"), 50, 1, 88_888);
const alias = new Reference(atom("app@host"), 88_888, [1, 2, 3]);
const SENDS: readonly ControlMessage[] = [
  { type: "REG_SEND", fromPid, toName: "echo" },
  { type: "REG_SEND", fromPid, toName: "true" },
  { type: "SEND_SENDER", fromPid, toPid },
  { type: "ALIAS_SEND", fromPid, alias },
];

describe.each([
  ["all flags", PASS_THROUGH_MODE.flags],
  ["a peer without SEND_SENDER", PASS_THROUGH_MODE.flags & ~DFLAG.SEND_SENDER],
  ["a peer without aliases", PASS_THROUGH_MODE.flags & ~DFLAG.ALIAS],
])("with %s", (_, flags) => {
  it.each(SENDS)("writes the bytes that the table gives, for %o", (control) => {
    const [light, full] = [new SendOnly(flags), new PassThrough(flags)];
    for (const writer of [light, full]) {
      writer.append(Uint8Array.of(1, 2, 3));
      writer.send(control as never, [1, atom("a")]);
      writer.tick();
    }
    expect(light.length).toBe(full.length);
    expect(light.take()).toEqual(full.take());
    expect(light.take()).toBeUndefined();
  });
});

it("writes nothing of a message that the peer does not take", () => {
  const writer = new SendOnly(PASS_THROUGH_MODE.flags & ~DFLAG.NATIVE_RECORDS);
  const send = (message: Term) => (): void => writer.send({ type: "REG_SEND", fromPid, toName: "echo" }, message);
  expect(send([1, new NativeRecord(atom("m"), atom("r"), true, [], [])])).toThrow(EncodeError);
  expect(send({} as never)).toThrow("a plain object is no term");
  expect(writer.length).toBe(0);
});

describe("a connection that so far only sends", () => {
  const started = (): Conversation =>
    new Conversation({ mode: PASS_THROUGH_MODE, pagePackets: (flags) => ({ writer: new SendOnly(flags) }) }).settle();
  const types = ({ events }: Conversation["page"]): string[] => events.splice(0).map(({ type }) => type);

  it("sends, ticks, and takes ticks", () => {
    const pair = started();
    pair.page.connection.send({ type: "SEND_SENDER", fromPid, toPid }, 1);
    pair.settle();
    expect(types(pair.app)).toContain("signal");
    pair.advance(600_000);
    expect(new Set(types(pair.page))).toEqual(new Set(["status", "connected", "tick"]));
    expect([pair.page.connection.state, pair.app.connection.state]).toEqual(["up", "up"]);
  });

  it('says "unread" once before the first packet, loses nothing, and reads on with what it is given', () => {
    const pair = started();
    types(pair.page);
    const { connection } = pair.page;
    for (const message of [1, 2, 3]) pair.app.connection.send({ type: "SEND_SENDER", fromPid: toPid, toPid: fromPid }, message);
    pair.settle();
    pair.app.connection.send({ type: "SEND_SENDER", fromPid: toPid, toPid: fromPid }, 4);
    pair.settle();
    expect(types(pair.page)).toEqual(["unread"]);
    connection.send({ type: "REG_SEND", fromPid, toName: "before" }, 1);
    connection.setPackets(allForms(DEFAULT_LIMITS));
    connection.send({ type: "REG_SEND", fromPid, toName: "behind" }, 2);
    connection.send({ type: "LINK", fromPid, toPid });
    pair.settle();
    expect(pair.page.events).toMatchObject([1, 2, 3, 4].map((payload) => ({ type: "signal", payload })));
    expect(pair.app.events.slice(-3)).toMatchObject([
      { control: { toName: "before" }, payload: 1 },
      { control: { toName: "behind" }, payload: 2 },
      { control: { type: "LINK" } },
    ]);
  });

  it("still refuses a packet that is too large", () => {
    const pair = new Conversation({
      mode: PASS_THROUGH_MODE,
      limits: { packetBytes: 100 },
      pagePackets: (flags) => ({ writer: new SendOnly(flags) }),
    }).settle();
    pair.app.connection.send({ type: "SEND_SENDER", fromPid: toPid, toPid: fromPid }, new Uint8Array(200));
    pair.settle();
    expect(pair.page.events.at(-1)).toMatchObject({ type: "closed", error: { code: "packet_too_large" } });
  });

  it("takes nothing new after its end", () => {
    const pair = started();
    pair.page.connection.close();
    pair.page.connection.setPackets(allForms(DEFAULT_LIMITS));
    expect(pair.page.connection.state).toBe("closed");
  });
});
