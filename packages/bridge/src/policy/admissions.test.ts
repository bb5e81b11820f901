import { describe, expect, it } from "vitest";
import { Admissions, type AdmissionSettings, type Admitted, DEFAULT_ADMISSION_LIMITS, type Refused } from "./admissions.ts";
import { type Opening, readOpening } from "./opening.ts";
import { sessionSecret } from "./session-secret.ts";
import { SpentTokens } from "./spent-tokens.ts";
import { staticTokens } from "./static-tokens.ts";
import type { Grant, Verdict } from "./verifier.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const signal = new AbortController().signal;
const NOW = 1_000_000;

function settingsOf(more: Partial<AdmissionSettings> = {}, limits: Partial<AdmissionSettings["limits"]> = {}): AdmissionSettings {
  return {
    level: "custody",
    custody: "translate",
    targets: new Map([
      ["app", { node: "app@h", cookie: "real" }],
      ["small", { node: "small@h", cookie: "real", links: 1 }],
    ]),
    // The token says all.
    verify: ({ token }) => (token === undefined ? { denied: "no token was shown" } : (JSON.parse(token) as Verdict)),
    key: KEY,
    revoked: { subjects: new Set(), ids: new Set() },
    origins: undefined,
    hostNames: new Set(),
    limits: { ...DEFAULT_ADMISSION_LIMITS, ...limits },
    ...more,
  };
}

const opening = (grant: Partial<Grant> | undefined, { target = "app", ip = "::1" } = {}): Opening => ({
  ...readOpening({
    ip,
    url: `/dist/${target}`,
    header: (name) => ({ host: "localhost", "sec-websocket-protocol": "erldist.v1" })[name],
  }),
  token: grant && JSON.stringify({ grant: { subject: "ann", id: "1", targets: "all", ...grant } }),
});

function admit(admissions: Admissions, grant: Partial<Grant> | undefined, where?: { target?: string; ip?: string }, now = NOW) {
  return admissions.admit(opening(grant, where), { now, signal });
}

async function admitted(outcome: Promise<Admitted | Refused>): Promise<Admitted> {
  const result = await outcome;
  if (result.refusal !== undefined) throw new Error(JSON.stringify(result.refusal));
  return result;
}

it("lets in whom the verifier knows, with the secret of that session", async () => {
  const admissions = new Admissions(settingsOf());
  expect(await admit(admissions, { id: "t1", endsAt: NOW + 5 })).toMatchObject({
    id: "app",
    ip: "::1",
    endsAt: NOW + 5,
    given: { type: "dynamic", host: "web" },
    custody: { cookie: "real", secret: await sessionSecret(KEY, "t1", "app") },
  });
  expect(await admit(admissions, {})).toMatchObject({ endsAt: Infinity });
  const short = new Admissions(settingsOf({}, { sessionTimeMs: 5 }));
  expect(await admit(short, { endsAt: NOW + 9 })).toMatchObject({ endsAt: NOW + 5 });
});

it("lets anybody in where nothing verifies, as one subject", async () => {
  const admissions = new Admissions(settingsOf({ verify: undefined, level: "gated" }));
  expect(await admit(admissions, undefined)).toMatchObject({ grant: { subject: "anybody" }, custody: undefined });
});

describe("[T20] refuses", () => {
  it.each<[string, Partial<Grant> | undefined, string | undefined, string]>([
    ["nobody's token", undefined, undefined, "badToken"],
    ["another target than the token's", { targets: ["small"] }, undefined, "notAllowed"],
    ["a target that is none", {}, "other", "unknownTarget"],
  ])("%s", async (_, grant, target, close) => {
    expect(await admit(new Admissions(settingsOf()), grant, target === undefined ? {} : { target })).toMatchObject({
      refusal: { close },
    });
  });

  it("a token that was used before, even by two at once", async () => {
    const admissions = new Admissions(settingsOf());
    const once = { id: "t", spentUntil: NOW + 60_000 };
    const outcomes = await Promise.all([admit(admissions, once), admit(admissions, once)]);
    expect(outcomes.filter(({ refusal }) => refusal === undefined)).toHaveLength(1);
    expect(await admit(admissions, once)).toMatchObject({ refusal: { reason: "the token was used before" } });
  });

  it("whoever was revoked, by name or by token", async () => {
    const revoked = { subjects: new Set(["bob"]), ids: new Set(["t9"]) };
    const admissions = new Admissions(settingsOf({ revoked }));
    expect(await admit(admissions, { subject: "bob" })).toMatchObject({ refusal: { close: "badToken" } });
    expect(await admit(admissions, { id: "t9" })).toMatchObject({ refusal: { close: "badToken" } });
    expect(await admit(admissions, {})).not.toHaveProperty("refusal");
  });

  it("everybody when the verifier fails or does not answer, and says which to the operator only", async () => {
    const failing = new Admissions(settingsOf({ verify: () => Promise.reject(new Error("no route to the application")) }));
    expect(await admit(failing, {})).toEqual({
      refusal: { close: "internal", reason: "the bridge cannot say who may connect", detail: "no route to the application" },
    });
    const silent = new Admissions(settingsOf({ verify: () => new Promise(() => undefined) }, { verifyTimeMs: 1 }));
    expect(await admit(silent, {})).toMatchObject({ refusal: { detail: "the verifier did not answer within 1 ms" } });
  });
});

describe("[T16] takes exactly so many", () => {
  it.each([
    ["at all", { links: 2 }, [{}, {}, {}], [{ ip: "1" }, { ip: "2" }, { ip: "3" }]],
    ["of one address", { linksPerIp: 2 }, [{}, {}, {}], [{}, {}, {}]],
    ["of one subject", { linksPerSubject: 2 }, [{}, {}, {}], [{ ip: "1" }, { ip: "2" }, { ip: "3" }]],
  ])("%s", async (_, limits, grants, places) => {
    const admissions = new Admissions(settingsOf({}, limits));
    const outcomes = [];
    for (const [index, grant] of grants.entries()) outcomes.push(await admit(admissions, grant, places[index]));
    expect(outcomes.map(({ refusal }) => refusal?.close)).toEqual([undefined, undefined, "tooMany"]);
    const [first] = outcomes;
    if (first === undefined || first.refusal !== undefined) throw new Error("unreachable: it was let in");
    admissions.leave(first);
    expect(await admit(admissions, {}, places[0])).not.toHaveProperty("refusal");
    expect(await admit(admissions, {}, places[0])).toMatchObject({ refusal: { close: "tooMany" } });
  });

  it("to one target, however many may go to others", async () => {
    const admissions = new Admissions(settingsOf());
    const first = await admitted(admit(admissions, {}, { target: "small" }));
    expect(await admit(admissions, {}, { target: "small" })).toMatchObject({
      refusal: { close: "tooMany", detail: "there are 1 links to small already" },
    });
    expect(await admit(admissions, {})).not.toHaveProperty("refusal");
    admissions.leave(first);
    expect(await admit(admissions, {}, { target: "small" })).not.toHaveProperty("refusal");
  });

  it("tries of one address in a minute, whatever comes of them", async () => {
    const admissions = new Admissions(settingsOf({}, { openingsPerMinute: 2 }));
    const closes = [];
    for (const grant of [undefined, {}, {}]) closes.push((await admit(admissions, grant)).refusal?.close);
    expect(closes).toEqual(["badToken", undefined, "tooMany"]);
    expect(await admit(admissions, {}, { ip: "2" })).not.toHaveProperty("refusal");
    expect(await admit(admissions, {}, {}, NOW + 30_000)).not.toHaveProperty("refusal");
  });

  it("names of a pool, each once, and a refusal keeps none", async () => {
    const name = { type: "pool", names: ["a@web", "b@web"] } as const;
    const admissions = new Admissions(settingsOf());
    const first = await admitted(admit(admissions, { name }));
    const spent = { name, id: "t", spentUntil: NOW + 1 };
    expect(await admit(admissions, spent)).toMatchObject({ given: { name: "b@web" } });
    expect(await admit(admissions, { name })).toMatchObject({ refusal: { detail: "all names of the pool are taken" } });
    admissions.leave(first);
    expect(await admit(admissions, spent)).toMatchObject({ refusal: { reason: "the token was used before" } });
    expect(await admit(admissions, { name })).toMatchObject({ given: { name: "a@web" } });
  });

  it("tokens used once, also where somebody else remembers them", async () => {
    const spent = new SpentTokens();
    const grant = { id: "t", spentUntil: NOW + 1 };
    expect(await admit(new Admissions(settingsOf(), { spent }), grant)).not.toHaveProperty("refusal");
    expect(await admit(new Admissions(settingsOf(), { spent }), grant)).toMatchObject({
      refusal: { reason: "the token was used before" },
    });
  });

  it.each<[string, () => boolean | Promise<boolean>, string]>([
    [
      "throws",
      () => {
        throw new Error("the disk is full");
      },
      "the disk is full",
    ],
    ["rejects", () => Promise.reject(new Error("no route to it")), "no route to it"],
    ["is silent", () => new Promise(() => undefined), "the memory of used tokens did not answer within 1 ms"],
  ])("and keeps no place and no name when the memory of used tokens %s, nor lets anybody in", async (_, spend, detail) => {
    const one = { links: 1, linksPerIp: 1, linksPerSubject: 1, verifyTimeMs: 1 };
    const admissions = new Admissions(settingsOf({}, one), { spent: { spend } });
    const name = { type: "pool", names: ["a@web"] } as const;
    expect(await admit(admissions, { name, id: "t", spentUntil: NOW + 1 })).toEqual({
      refusal: {
        close: "internal",
        reason: "the bridge cannot say whether the token was used before",
        detail: `the token of ann cannot be marked as used: ${detail}`,
      },
      grant: expect.objectContaining({ subject: "ann" }),
    });
    // All that there is once was given back.
    expect(await admit(admissions, { name })).toMatchObject({ given: { name: "a@web" } });
  });

  it("tokens used once where a memory takes its time, even by two at once", async () => {
    const memory = new SpentTokens();
    const spend = async (...token: Parameters<SpentTokens["spend"]>): Promise<boolean> => memory.spend(...token);
    const admissions = new Admissions(settingsOf(), { spent: { spend } });
    const once = { id: "t", spentUntil: NOW + 60_000 };
    const outcomes = await Promise.all([admit(admissions, once), admit(admissions, once)]);
    expect(outcomes.map(({ refusal }) => refusal?.reason)).toEqual([undefined, "the token was used before"]);
  });

  it("and forgets the places of those that it refused", async () => {
    const admissions = new Admissions(settingsOf({}, { links: 1, linksPerIp: 1, linksPerSubject: 1 }));
    for (const grant of [undefined, { targets: [] }]) expect(await admit(admissions, grant)).toHaveProperty("refusal");
    expect(await admit(admissions, {})).not.toHaveProperty("refusal");
  });
});

describe("a link that is there", () => {
  const recheck = (admissions: Admissions, link: Admitted, now = NOW) => admissions.recheck(link, { now, signal });

  it("may go on until its time is over", async () => {
    const admissions = new Admissions(settingsOf());
    const link = await admitted(admit(admissions, { endsAt: NOW + 10 }));
    expect(await recheck(admissions, link, NOW + 9)).toBeUndefined();
    expect(await recheck(admissions, link, NOW + 10)).toEqual({ close: "sessionEnded", detail: "its time is over" });
  });

  it("ends when its subject is revoked, or its target is gone", async () => {
    const admissions = new Admissions(settingsOf());
    const link = await admitted(admit(admissions, {}));
    admissions.configure(settingsOf({ revoked: { subjects: new Set(["ann"]), ids: new Set() } }));
    expect(await recheck(admissions, link)).toMatchObject({ close: "sessionEnded", detail: "ann was revoked" });
    admissions.configure(settingsOf({ targets: new Map() }));
    expect(await recheck(admissions, link)).toMatchObject({ detail: 'there is no target "app" any more' });
  });

  it("ends when who let it in says no, not for this target, or nothing", async () => {
    const grant: Grant = { subject: "ann", id: "1", targets: "all" };
    const answers: (Verdict | Error)[] = [
      { grant },
      { denied: "signed out" },
      { grant: { ...grant, targets: [] } },
      new Error("down"),
    ];
    const verify = () => ({
      grant: {
        ...grant,
        recheck: () => {
          const answer = answers.shift();
          if (answer === undefined || answer instanceof Error) throw answer ?? new Error("asked too often");
          return answer;
        },
      },
    });
    const admissions = new Admissions(settingsOf({ verify }));
    const link = await admitted(admit(admissions, {}));
    expect(await recheck(admissions, link)).toBeUndefined();
    expect(await recheck(admissions, link)).toMatchObject({ detail: "signed out" });
    expect(await recheck(admissions, link)).toMatchObject({ detail: 'its grant is not for "app" any more' });
    expect(await recheck(admissions, link)).toMatchObject({ detail: "asking again failed: down" });
  });

  it.each<[string, AdmissionSettings["verify"], string | undefined]>([
    ["ends when its static token is gone", staticTokens([{ token: "other", subject: "ann" }]), "the token is none of the"],
    ["ends when its static token is another's", staticTokens([{ token: "one", subject: "bob" }]), "its grant is that of bob now"],
    [
      "ends when its static token is for other targets",
      staticTokens([{ token: "one", subject: "ann", targets: [] }]),
      "its grant",
    ],
    ["ends when there are no static tokens", () => ({ denied: "no" }), "the configuration has no such tokens any more"],
    [
      "goes on while the configuration has its token",
      staticTokens([{ token: "one", subject: "ann", targets: ["app"] }]),
      undefined,
    ],
    ["goes on when everybody is let in", undefined, undefined],
  ])("%s", async (_, verify, detail) => {
    const admissions = new Admissions(settingsOf({ verify: staticTokens([{ token: "one", subject: "ann" }]) }));
    const link = await admitted(admissions.admit({ ...opening({}), token: "one" }, { now: NOW, signal }));
    expect(await recheck(admissions, link)).toBeUndefined();
    admissions.configure(settingsOf({ verify }));
    const refusal = await recheck(admissions, link);
    if (detail === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toMatchObject({ close: "sessionEnded", detail: expect.stringContaining(detail) });
  });

  it("does not come about when the configuration that would let it in has gone meanwhile", async () => {
    const before = settingsOf({ verify: staticTokens([{ token: "one", subject: "ann" }]) }, { links: 1 });
    const after = settingsOf({ verify: staticTokens([{ token: "other", subject: "ann" }]) }, { links: 1 });
    const admissions = new Admissions(before);
    const outcome = admissions.admit({ ...opening({}), token: "one" }, { now: NOW, signal });
    admissions.configure(after);
    expect(await outcome).toMatchObject({ refusal: { close: "sessionEnded" }, grant: { subject: "ann" } });
    // Nor does it keep its place.
    await admitted(admissions.admit({ ...opening({}), token: "other" }, { now: NOW, signal }));
  });

  it("gets a stage of its own where the level asks for one", async () => {
    const admissions = new Admissions(settingsOf({ custody: "terminate" }));
    const link = await admitted(admit(admissions, {}));
    expect(admissions.stage(link, 2, 0)?.nextTimeout()).toBe(7000);
    admissions.configure(settingsOf({ level: "blind" }));
    expect(admissions.stage(link, 2, 0)).toBeUndefined();
  });
});
