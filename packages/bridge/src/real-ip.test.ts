import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { proxyList, realIp } from "./real-ip.ts";

const PROXIES = proxyList(["10.0.0.0/8", "192.0.2.1", "fd00::/8"]);

function asked(remoteAddress: string | undefined, forwarded?: string | string[]) {
  const request = { socket: { remoteAddress }, headers: { "x-forwarded-for": forwarded } };
  // All that is read of one.
  return realIp(request as unknown as IncomingMessage, PROXIES);
}

it.each([
  ["nobody's proxy", "203.0.113.9", "198.51.100.1", "203.0.113.9", false],
  ["no proxy", "203.0.113.9", undefined, "203.0.113.9", false],
  ["a proxy that says nothing", "10.1.2.3", undefined, "10.1.2.3", true],
  ["a proxy", "10.1.2.3", "198.51.100.1", "198.51.100.1", true],
  ["a proxy at one address", "192.0.2.1", "198.51.100.1", "198.51.100.1", true],
  ["a proxy's neighbour", "192.0.2.2", "198.51.100.1", "192.0.2.2", false],
  ["a proxy behind another", "10.1.2.3", "198.51.100.1, 10.9.9.9", "198.51.100.1", true],
  ["somebody who makes up whom he stands for", "10.1.2.3", "127.0.0.1, 198.51.100.1", "198.51.100.1", true],
  ["somebody who makes up a proxy", "10.1.2.3", "10.0.0.1, 198.51.100.1, 10.0.0.2", "198.51.100.1", true],
  ["a proxy that says nonsense", "10.1.2.3", "198.51.100.1, unknown", "10.1.2.3", true],
  ["IPv4 over IPv6", "::ffff:10.1.2.3", "::ffff:198.51.100.1", "198.51.100.1", true],
  ["IPv6", "fd00::1", "2001:db8::7", "2001:db8::7", true],
  ["several headers", "10.1.2.3", ["198.51.100.1", "10.0.0.2"], "198.51.100.1", true],
  ["a socket that is gone", undefined, "198.51.100.1", "", false],
])("finds who asks behind %s", (_, remote, forwarded, ip, isFromProxy) => {
  expect(asked(remote, forwarded)).toEqual({ ip, isFromProxy });
});

it.each(["proxy.example", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/8/8", "", "fd00::/129", "10.0.0/8"])(
  "takes %j for no address",
  (range) => {
    expect(() => proxyList([range])).toThrow(`trustProxy: ${JSON.stringify(range)} is not an address or a range`);
  },
);
