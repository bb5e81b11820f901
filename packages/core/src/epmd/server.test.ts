import { expect, it } from "vitest";
import type { ByteStream } from "../transports/byte-stream.ts";
import { memoryPair } from "../transports/memory.ts";
import { dump, kill, lookup, names, register } from "./client.ts";
import { EpmdServer } from "./server.ts";

function dialler(server: EpmdServer, isLocal = true): () => ByteStream {
  return () => {
    const [ours, theirs] = memoryPair();
    server.accept(theirs, { isLocal });
    return ours;
  };
}

it("serves our own client all that it asks", async () => {
  const server = new EpmdServer({ portNo: 4369 });
  const dial = dialler(server);
  const registered = await register(dial(), { name: "app", portNo: 33_059, hidden: true, extra: Uint8Array.of(1) });
  expect(registered.creation).toBeGreaterThan(1_600_000_000);
  await expect(register(dial(), { name: "app", portNo: 1 })).rejects.toMatchObject({ code: "duplicate_name" });
  expect(await lookup(dial(), "app")).toMatchObject({ portNo: 33_059, nodeType: "hidden", extra: Uint8Array.of(1) });
  expect(await lookup(dial(), "nobody")).toBeUndefined();
  expect(await names(dial())).toEqual([{ name: "app", portNo: 33_059 }]);
  expect(await dump(dial())).toEqual([{ state: "active", name: "app", portNo: 33_059, fd: -1 }]);
  await expect(kill(dial())).rejects.toMatchObject({ code: "refused_command" });
  await registered.close();
  await expect.poll(() => server.names).toEqual([]);
  const again = await register(dial(), { name: "app", portNo: 33_059 });
  expect(again.creation).toBe(registered.creation + 1);
  await server.close();
  await again.closed;
});

it("registers nobody from another host", async () => {
  const server = new EpmdServer({ portNo: 4369 });
  await expect(register(dialler(server, false)(), { name: "app", portNo: 1 })).rejects.toMatchObject({ code: "refused_command" });
  expect(await names(dialler(server, false)())).toEqual([]);
  await server.close();
});

it("answers the one who ends it first", async () => {
  const ended = Promise.withResolvers<void>();
  const server = new EpmdServer({ portNo: 4369, onKill: ended.resolve });
  await expect(kill(dialler(server)())).resolves.toBeUndefined();
  await ended.promise;
  await server.close();
});

it("closes who comes when there are enough", async () => {
  const server = new EpmdServer({ portNo: 4369, connections: 1 });
  const dial = dialler(server);
  const registered = await register(dial(), { name: "app", portNo: 1 });
  await expect(names(dial())).rejects.toThrow(/closed|ended/);
  await registered.close();
  await expect.poll(() => names(dial()).catch(() => "closed")).toEqual([]);
  await server.close();
});
