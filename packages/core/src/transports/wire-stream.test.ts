import { expect, it, onTestFinished, vi } from "vitest";
import { ConnectionError } from "../errors.ts";
import { type Wire, WireStream } from "./wire-stream.ts";

/** A wire that notes what it is told, and has room for as long as it is said. */
class NotingWire implements Wire {
  readonly stream: WireStream = new WireStream(this);
  readonly notes: string[] = [];
  room = true;

  write(chunk: Uint8Array, more: boolean): boolean {
    this.notes.push(`write ${chunk.join(" ")}${more ? " more" : ""}`);
    return this.room;
  }
  end(): void {
    this.notes.push("end");
  }
  destroy(): void {
    this.notes.push("destroy");
    this.stream.finished();
  }
  resume(): void {
    this.notes.push("resume");
  }
}

const lost = new ConnectionError("closed", "lost");
const bytes = (length: number): Uint8Array => new Uint8Array(length);

it("gives bytes that came before a failure to the reader first, however full the queue is", async () => {
  const { stream } = new NotingWire();
  for (let chunk = 1; chunk <= 3; chunk++) stream.receive(Uint8Array.of(chunk));
  stream.receive(bytes(500_000));
  stream.finished(lost);
  await expect(stream.closed).rejects.toBe(lost);
  const reader = stream.readable.getReader();
  for (let chunk = 1; chunk <= 3; chunk++) expect((await reader.read()).value).toEqual(Uint8Array.of(chunk));
  expect((await reader.read()).value).toHaveLength(500_000);
  await expect(reader.read()).rejects.toBe(lost);
});

it("fails at once a reader who waits", async () => {
  const { stream } = new NotingWire();
  const read = stream.readable.getReader().read();
  stream.finished(lost);
  await expect(read).rejects.toBe(lost);
});

it("asks to wait while the reader has stopped, and goes on when it has read", async () => {
  const { stream, notes } = new NotingWire();
  expect(stream.receive(bytes(1000))).toBe(true);
  expect(stream.receive(bytes(500_000))).toBe(false);
  expect(stream.unreadBytes).toBe(501_000);
  const reader = stream.readable.getReader();
  await reader.read();
  expect(notes).toEqual([]);
  await reader.read();
  // workerd pulls only when the next read finds nothing.
  const next = reader.read();
  expect(notes).toEqual(["resume"]);
  stream.receive(bytes(1));
  expect((await next).value).toHaveLength(1);
});

it("says of a chunk that waited whether another one waits behind it", async () => {
  const { stream, notes } = new NotingWire();
  const writer = stream.writable.getWriter();
  await writer.write(Uint8Array.of(1));
  await Promise.all([2, 3, 4].map((byte) => writer.write(Uint8Array.of(byte))));
  expect(notes).toEqual(["write 1", "write 2", "write 3 more", "write 4"]);
});

it("waits for drained() when the wire has no room", async () => {
  const wire = new NotingWire();
  const writer = wire.stream.writable.getWriter();
  await writer.ready;
  wire.room = false;
  const written = [writer.write(Uint8Array.of(1)), writer.write(Uint8Array.of(2))];
  await Promise.resolve();
  expect(wire.notes).toEqual(["write 1"]);
  wire.room = true;
  wire.stream.drained();
  await Promise.all(written);
  expect(wire.notes).toEqual(["write 1", "write 2"]);
});

it("hands everything accepted to the wire before it ends, without waiting for room", async () => {
  const wire = new NotingWire();
  const writer = wire.stream.writable.getWriter();
  await writer.ready;
  wire.room = false;
  const written = [1, 2, 3].map((byte) => writer.write(Uint8Array.of(byte)));
  const closed = wire.stream.close();
  await Promise.all(written);
  expect(wire.notes.map((note) => note.slice(0, 7))).toEqual(["write 1", "write 2", "write 3", "end"]);
  await expect(writer.write(Uint8Array.of(4))).rejects.toMatchObject({ code: "closed" });
  wire.stream.finished();
  await closed;
});

it("drops what comes after close(), and lets the peer's end and failure pass", async () => {
  const { stream } = new NotingWire();
  const closed = stream.close();
  expect(stream.receive(bytes(10_000_000))).toBe(true);
  stream.ended();
  stream.finished(lost);
  await closed;
  await stream.closed;
  expect(await stream.readable.getReader().read()).toEqual({ done: true, value: undefined });
});

it("ends its own direction when the peer ends, once", () => {
  const { stream, notes } = new NotingWire();
  stream.ended();
  stream.ended();
  void stream.close();
  expect(notes).toEqual(["end"]);
  stream.finished();
});

it("breaks off a wire whose peer does not end in time", async () => {
  const { stream, notes } = new NotingWire();
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const closed = stream.close();
  vi.advanceTimersByTime(1_999);
  expect(notes).toEqual(["end"]);
  vi.advanceTimersByTime(1);
  expect(notes).toEqual(["end", "destroy"]);
  await closed;
});

it("takes no part in what a wire says after it has finished", async () => {
  const { stream, notes } = new NotingWire();
  stream.finished(lost);
  stream.receive(bytes(1));
  stream.ended();
  stream.drained();
  stream.finished();
  await stream.close();
  expect(notes).toEqual([]);
});
