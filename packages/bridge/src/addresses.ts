// Which IP addresses a target may lead to. A name is resolved once, what it leads to is checked here, and that is dialled: whoever
// answers for the name later (DNS rebinding) is not asked again.
import { BlockList, isIP, isIPv6 } from "node:net";

export interface AddressRules {
  /** Nothing but these ranges, as `"10.0.0.0/8"` or `"fd00::/8"`. */
  readonly onlyAddresses?: readonly string[] | undefined;
  /** None of these, whatever else allows them. */
  readonly neverAddresses?: readonly string[] | undefined;
}

/**
 * Where the name of a node comes from a page, these are not dialled unless `onlyAddresses` has them: the machine itself and what
 * has no host behind it, among it the address at which clouds tell a machine its secrets (169.254.169.254).
 */
const NEVER_BY_PATTERN = [
  ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "224.0.0.0/4", "240.0.0.0/4"],
  ["::/127", "64:ff9b::/96", "2002::/16", "fe80::/10", "ff00::/8"],
].flat();

/** A check of one address. Throws a TypeError for a range that is none; `field` says where it stands. */
export function addressFilter(rules: AddressRules, isPattern: boolean, field: string): (address: string) => boolean {
  const { onlyAddresses, neverAddresses = [] } = rules;
  const never = rangesOf(
    isPattern && onlyAddresses === undefined ? [...neverAddresses, ...NEVER_BY_PATTERN] : neverAddresses,
    `${field}.neverAddresses`,
  );
  const only = onlyAddresses && rangesOf(onlyAddresses, `${field}.onlyAddresses`);
  return (address) => !has(never, address) && (only === undefined || has(only, address));
}

function has(ranges: BlockList, address: string): boolean {
  // With the interface of a link-local address (fe80::1%eth0) it is the same address.
  const [plain = ""] = address.split("%");
  return ranges.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
}

function rangesOf(ranges: readonly string[], field: string): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", prefix, ...more] = range.split("/");
    const family = isIP(address);
    const widest = family === 6 ? 128 : 32;
    const bits = prefix === undefined ? widest : Number(prefix);
    if (family === 0 || more.length > 0 || !/^\d{1,3}$/.test(prefix ?? "0") || bits > widest) {
      throw new TypeError(`${field}: "${range}" is not a range of addresses, as "10.0.0.0/8" is`);
    }
    list.addSubnet(address, bits, family === 6 ? "ipv6" : "ipv4");
  }
  return list;
}
