// Who is at the other end: the socket's address, or what a proxy says that is listed as trusted. Anybody may write X-Forwarded-For,
// so it counts from its end, and only as far as each address that passed it on is a listed one.
import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv6 } from "node:net";

export interface RealIp {
  readonly ip: string;
  /** It came through a listed proxy. */
  readonly isFromProxy: boolean;
}

/** Throws a TypeError for what is neither an address nor a range of them, as `10.0.0.0/8` is. */
export function proxyList(ranges: readonly string[]): BlockList {
  const proxies = new BlockList();
  for (const range of ranges) {
    const [address = "", bits, more] = range.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    const most = family === "ipv6" ? 128 : 32;
    const isRange = bits !== undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
    if (isIP(address) === 0 || more !== undefined || (bits !== undefined && !isRange)) {
      throw new TypeError(`trustProxy: ${JSON.stringify(range)} is not an address or a range, as "10.0.0.0/8" is`);
    }
    if (bits === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(bits), family);
  }
  return proxies;
}

export function realIp(request: IncomingMessage, proxies: BlockList): RealIp {
  const socketIp = plain(request.socket.remoteAddress ?? "");
  if (!isListed(socketIp, proxies)) return { ip: socketIp, isFromProxy: false };
  const header = request.headers["x-forwarded-for"];
  const hops = (Array.isArray(header) ? header.join(",") : (header ?? "")).split(",").map((hop) => plain(hop.trim()));
  // From us outwards: the first that is no proxy of ours is who asks.
  const ip = hops.toReversed().find((hop) => !isListed(hop, proxies));
  return { ip: ip !== undefined && isIP(ip) !== 0 ? ip : socketIp, isFromProxy: true };
}

function isListed(address: string, proxies: BlockList): boolean {
  return isIP(address) !== 0 && proxies.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** An IPv4 address that came over an IPv6 socket, as itself. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}
