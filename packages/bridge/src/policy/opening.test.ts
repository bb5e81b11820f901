import { describe, expect, it } from "vitest";
import { checkOpening, isLoopback, type OpeningRules, readOpening } from "./opening.ts";

const RULES: OpeningRules = {
  targets: new Map([["app", {}]]),
  origins: new Set(["https://shop.example"]),
  hostNames: new Set(["bridge.example"]),
};

function open(headers: Readonly<Record<string, string>> = {}, url = "/dist/app") {
  const all = new Map(
    Object.entries({
      host: "bridge.example",
      origin: "https://shop.example",
      "sec-websocket-protocol": "erldist.v1",
      ...headers,
    }),
  );
  return readOpening({ ip: "203.0.113.7", url, header: (name) => all.get(name) });
}

it("reads a target, and a token wherever it stands among the subprotocols", () => {
  const opening = open({ "sec-websocket-protocol": "x, erldist.token.c2VjcsOkdA,erldist.v1" }, "/dist/my%20app?secret=1");
  expect(opening).toMatchObject({ target: "my app", token: "secrät", isDist: true, isFromProxy: false });
  expect(open({}, "https://bridge.example/dist/app").target).toBe("app");
});

it.each(["erldist.token.", "erldist.token.a", "erldist.token.a+b=", "erldist.token.%00", "erldist.tokens.abcd"])(
  "takes %j for no token",
  (entry) => {
    expect(open({ "sec-websocket-protocol": `erldist.v1, ${entry}` }).token).toBeUndefined();
  },
);

it("lets an opening through that is as it must be", () => {
  expect(checkOpening(open(), RULES)).toEqual({ id: "app" });
  expect(checkOpening(open({ host: "BRIDGE.example:8443" }), RULES)).toEqual({ id: "app" });
});

describe("[T20]", () => {
  it.each([
    ["another origin", { origin: "https://shop.example.evil.example" }, "/dist/app", "notAllowed"],
    ["the origin null", { origin: "null" }, "/dist/app", "notAllowed"],
    ["another port of the origin", { origin: "https://shop.example:8443" }, "/dist/app", "notAllowed"],
    ["another Host", { host: "evil.example" }, "/dist/app", "notAllowed"],
    ["an address as Host", { host: "203.0.113.1" }, "/dist/app", "notAllowed"],
    ["a Host that is none", { host: "a@b c" }, "/dist/app", "notAllowed"],
    ["another subprotocol", { "sec-websocket-protocol": "erldist.v2" }, "/dist/app", "badRequest"],
    ["no target", {}, "/dist/", "badRequest"],
    ["another path", {}, "/metrics", "badRequest"],
    ["an address as target", {}, "/dist/10.0.0.5:22", "unknownTarget"],
    ["a target that differs in case", {}, "/dist/APP", "unknownTarget"],
  ])("refuses %s", (_, headers, url, close) => {
    expect(checkOpening(open(headers, url), RULES)).toMatchObject({ close });
  });
});

it.each(["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "::ffff:127.0.0.1"])(
  "knows %s for this machine",
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);

it.each(["localhost.example", "127.0.0.1.example", "128.0.0.1", "0.0.0.0", "::", "1::1"])(
  "does not take %s for this machine",
  (host) => {
    expect(isLoopback(host)).toBe(false);
  },
);
