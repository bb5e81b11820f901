import { describe, expect, it } from "vitest";
import { appPid, pagePid } from "../../test/support/conversation.ts";
import { FULL_MODE, MODES } from "../../test/support/distribution-modes.ts";
import { bytesOf } from "../../test/support/hex.ts";
import { OneWay } from "../../test/support/one-way.ts";
import { EncodeError } from "../errors.ts";
import { atoms } from "../etf/atom.ts";
import { type Atom, atom, type Term, tuple } from "../etf/index.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { CACHE_SLOTS, MAX_REFERENCES } from "./atom-cache.ts";
import type { ControlMessage } from "./control.ts";
import { PacketReader } from "./packet-reader.ts";

const SEND: ControlMessage = { type: "SEND_SENDER", fromPid: pagePid, toPid: appPid };
const named = (prefix: string, count: number): Atom[] => Array.from({ length: count }, (_, index) => atom(`${prefix}${index}`));
/** The number of references in a packet's header. */
const references = (packet: Uint8Array | undefined): number | undefined => packet?.[2];
const includes = (packet: Uint8Array | undefined, text: string): boolean =>
  new TextDecoder("latin1").decode(packet).includes(text);

describe("the atom cache", () => {
  it("sends the text of an atom once, and its number from then on", () => {
    const way = new OneWay();
    const [first] = way.send(SEND, atom("hello"));
    const [second] = way.send(SEND, tuple(atom("hello"), atom("hello")));
    expect([references(first), includes(first, "hello")]).toEqual([3, true]);
    expect([references(second), includes(second, "hello"), includes(second, "browser")]).toEqual([3, false, false]);
    expect(way.read([first, second].filter((packet) => packet !== undefined)).map(({ payload }) => payload)).toEqual([
      atom("hello"),
      tuple(atom("hello"), atom("hello")),
    ]);
  });

  it("[C58] carries more atoms than it has slots, again and again", () => {
    const way = new OneWay();
    const atoms = named("many", 3 * CACHE_SLOTS);
    for (let round = 0; round < 2; round++) {
      for (let start = 0; start < atoms.length; start += 200) {
        const list = atoms.slice(start, start + 200);
        expect(way.read(way.send(SEND, list))).toEqual([{ control: SEND, payload: list }]);
      }
    }
  });

  it("[C58] refers to 255 atoms in one header and writes the others out", () => {
    const way = new OneWay();
    const atoms = named("wide", 1000);
    for (let round = 0; round < 2; round++) {
      const packets = way.send(SEND, [...atoms, ...atoms]);
      expect(references(packets[0])).toBe(MAX_REFERENCES);
      expect(way.read(packets)).toEqual([{ control: SEND, payload: [...atoms, ...atoms] }]);
    }
  });

  it("gives each of two atoms of one slot its turn", () => {
    const [left, right] = sameSlot();
    const way = new OneWay();
    const payloads: Term[] = [left, right, left, tuple(left, right, left), tuple(right, left), right, left];
    expect(payloads.flatMap((payload) => way.read(way.send(SEND, payload)))).toEqual(
      payloads.map((payload) => ({ control: SEND, payload })),
    );
    // In one packet only the first has the slot.
    expect(references(way.send(SEND, tuple(left, right))[0])).toBe(3);
  });

  it("[C58] carries long atoms, and short ones in the same header", () => {
    const long = atom("\u{1f600}".repeat(255));
    const edges = [atom("e".repeat(255)), atom("é".repeat(128)), atom("é".repeat(127))];
    for (const payload of [long, tuple(long, atom("short")), tuple(...edges, long), edges]) {
      const way = new OneWay();
      for (let round = 0; round < 2; round++) {
        expect(way.read(way.send(SEND, payload))).toEqual([{ control: SEND, payload }]);
      }
    }
  });

  it("is as it was after a message that cannot be encoded", () => {
    const way = new OneWay();
    way.read(way.send(SEND, 1));
    expect(() => way.send(SEND, tuple(atom("never"), Number.NaN))).toThrow(EncodeError);
    expect(way.take()).toEqual([]);
    const packets = way.send(SEND, tuple(atom("never"), atom("sent")));
    expect(includes(packets[0], "never")).toBe(true);
    expect(way.read(packets)).toEqual([{ control: SEND, payload: tuple(atom("never"), atom("sent")) }]);
  });

  it("knows booleans as the atoms that they are", () => {
    const way = new OneWay();
    for (let round = 0; round < 2; round++) {
      expect(way.read(way.send(SEND, [true, atom("true").term, false]))).toEqual([
        { control: SEND, payload: [true, true, false] },
      ]);
    }
  });

  // OTP's emulator crashes on references when only fragments were negotiated.
  it.each(MODES.filter((mode) => mode !== FULL_MODE && mode.name !== "headers with atom cache"))(
    "[C61] has no entry in a packet in the mode: $name",
    (mode) => {
      const way = new OneWay(mode);
      const payloads = [atom("hello"), named("n", 300), tuple(atom("big"), new Uint8Array(200_000))];
      const packets = payloads.flatMap((payload) => way.send(SEND, payload));
      const counts = packets.flatMap((packet) =>
        packet[0] !== 131 || packet[1] === 70 ? [] : [packet[packet[1] === 69 ? 18 : 2]],
      );
      expect(counts.every((count) => count === 0)).toBe(true);
      expect(counts).toHaveLength(mode.name === "pass-through packets" ? 0 : 3);
    },
  );
});

describe("what a peer puts into the cache", () => {
  const LINK = "68 03 6101 58 5200 00000001 00000000 00000009 58 5201 00000002 00000000 00000008";
  const link = (from: string, to: string): object => ({
    control: { type: "LINK", fromPid: { node: atom(from), creation: 9 }, toPid: { node: atom(to) } },
  });
  const reader = (): PacketReader => new PacketReader({ header: true, atomCache: true, fragments: true }, DEFAULT_LIMITS);

  it("[C58] may take the same slot twice in one header: each reference keeps its atom, the slot the last", () => {
    const packets = reader();
    expect(packets.read(bytesOf(`83 44 02 88 00 05 03 614062 05 03 634064 ${LINK}`))).toMatchObject(link("a@b", "c@d"));
    expect(packets.read(bytesOf(`83 44 02 00 00 05 05 ${LINK}`))).toMatchObject(link("c@d", "c@d"));
  });

  it("goes to all slots, the last of the last segment among them", () => {
    const packets = reader();
    expect(packets.read(bytesOf(`83 44 02 8f 00 ff 03 614062 00 03 634064 ${LINK}`))).toMatchObject(link("a@b", "c@d"));
    expect(packets.read(bytesOf(`83 44 02 70 00 00 ff ${LINK}`))).toMatchObject(link("c@d", "a@b"));
  });

  it("may have lengths of two bytes", () => {
    expect(reader().read(bytesOf(`83 44 02 88 01 05 0003 614062 06 0003 634064 ${LINK}`))).toMatchObject(link("a@b", "c@d"));
  });

  it("stays the same object as atom(name), however many other atoms come meanwhile", () => {
    const packets = reader();
    packets.read(bytesOf(`83 44 02 88 00 05 08 6c6f6e672d616765 06 03 634064 ${LINK}`));
    for (let index = 0; index < 2 * DEFAULT_LIMITS.internedAtoms; index++) atoms.intern(`other ${index}`);
    const own = atom("long-age");
    const packet = packets.read(bytesOf(`83 44 02 00 00 05 06 ${LINK}`));
    if (packet?.control.type !== "LINK") throw new Error("no link");
    expect(packet.control.fromPid.node).toBe(own);
  });

  it.each<[string, string]>([
    ["a reference to an empty slot", `83 44 02 08 00 05 03 614062 06 ${LINK}`],
    ["an atom that is not UTF-8", `83 44 02 88 00 05 03 ff4062 06 03 634064 ${LINK}`],
    ["an atom of 256 characters", `83 44 01 18 05 0100 ${"61".repeat(256)} ${LINK}`],
    ["a header that is cut off in its flags", "83 44 ff 00"],
    ["a header that is cut off in a text", "83 44 02 88 00 05 03 6140"],
    ["a header that is cut off in a length", "83 44 02 88 01 05 00"],
    ["no header", "83 44"],
  ])("is refused: %s", (_, hex) => {
    expect(() => reader().read(bytesOf(hex))).toThrow(
      expect.objectContaining({ name: "ProtocolError", code: "bad_distribution_header" }),
    );
  });

  it("is refused altogether where no cache was negotiated", () => {
    const packets = new PacketReader({ header: true, atomCache: false, fragments: true }, DEFAULT_LIMITS);
    expect(() => packets.read(bytesOf(`83 44 02 88 00 05 03 614062 06 03 634064 ${LINK}`))).toThrow("none was negotiated");
  });

  it("is no excuse for a reference beyond the header's own", () => {
    const packets = reader();
    packets.read(bytesOf(`83 44 02 88 00 05 03 614062 06 03 634064 ${LINK}`));
    expect(() => packets.read(bytesOf(`83 44 01 00 05 ${LINK}`))).toThrow(expect.objectContaining({ name: "DecodeError" }));
  });
});

/** Two atoms with the same slot. */
function sameSlot(): [Atom, Atom] {
  const seen = new Map<number, Atom>();
  for (let index = 0; ; index++) {
    const candidate = atom(`slot${index}`);
    const slot = candidate.hash & (CACHE_SLOTS - 1);
    const other = seen.get(slot);
    if (other !== undefined) return [other, candidate];
    seen.set(slot, candidate);
  }
}
