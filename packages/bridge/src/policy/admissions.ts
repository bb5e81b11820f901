// Who may connect to what, and how many of them at once. An opening goes by all checks in order, the cheap ones first; what it
// takes (a place, a name, a token that is good once) is given back when its link is gone.
import { Caps, Rate } from "./caps.ts";
import type { Custody, GivenName } from "./handshake-gate.ts";
import { LinkStage } from "./link-stage.ts";
import { DEFAULT_NAME_RULE, type NameRule, NamesInUse } from "./names.ts";
import { checkOpening, type Opening, type OpeningRules } from "./opening.ts";
import { sessionSecret } from "./session-secret.ts";
import { SpentTokens, type TokenMemory } from "./spent-tokens.ts";
import type { PacketBytes } from "./handshake-cutter.ts";
import type { Refusal } from "./stage.ts";
import type { Grant, Verdict, Verify, VerifyOptions } from "./verifier.ts";

/** How much of the protocol the bridge takes into its own hands. */
export type Level =
  /** Nothing: bytes pass. For development on one machine. */
  | "blind"
  /** Names, flags and times of the handshake, and the length of packets; the page knows the cookie. */
  | "gated"
  /** The cookie too: the page knows a secret of its session. */
  | "custody";

export interface AdmissionTarget {
  /** Full node name. */
  readonly node: string;
  /** The node's cookie, for level `custody`. */
  readonly cookie?: string | undefined;
  /** How pages are called there, by default as the node likes. */
  readonly names?: NameRule | undefined;
  /** Links at once, by default as many as the bridge takes. */
  readonly links?: number | undefined;
}

export interface AdmissionLimits {
  /** Links at once. */
  readonly links: number;
  /** Links at once from one address. */
  readonly linksPerIp: number;
  /** Links at once of one subject. */
  readonly linksPerSubject: number;
  /** Openings that one address may try each minute. */
  readonly openingsPerMinute: number;
  /** Milliseconds that a verifier may take. */
  readonly verifyTimeMs: number;
  /** Milliseconds between two questions whether a link may stay, where its grant can be asked for again. */
  readonly recheckTimeMs: number;
  /** Milliseconds that a link may last, whatever the grant says; 0 for no limit. */
  readonly sessionTimeMs: number;
  /** Milliseconds for the page's name, and again for the rest of the handshake. */
  readonly handshakeTimeMs: number;
  /** Bytes of one handshake message. */
  readonly handshakeBytes: number;
  /** Bytes that one packet from the page may announce: the node allocates them at once. */
  readonly packetBytes: number;
}

export const DEFAULT_ADMISSION_LIMITS: AdmissionLimits = {
  links: 1_000,
  linksPerIp: 100,
  linksPerSubject: 10,
  openingsPerMinute: 120,
  verifyTimeMs: 5_000,
  recheckTimeMs: 60_000,
  sessionTimeMs: 0,
  handshakeTimeMs: 7_000,
  handshakeBytes: 4_096,
  packetBytes: 16 * 1024 * 1024,
};

export interface AdmissionSettings extends Pick<OpeningRules, "origins" | "hostNames"> {
  readonly level: Level;
  readonly custody: "translate" | "terminate";
  /** Finds a target by the id that a page gave. */
  readonly targets: { get(id: string): AdmissionTarget | undefined };
  /** Without it everybody is let in, as the subject "anybody". */
  readonly verify: Verify | undefined;
  /** For `custody`: session secrets are made from it. */
  readonly key: string | undefined;
  /** Who is not let in any more, whatever they show. */
  readonly revoked: { readonly subjects: ReadonlySet<string>; readonly ids: ReadonlySet<string> };
  readonly limits: AdmissionLimits;
}

export interface AdmissionsOptions {
  /** By default they are remembered by this object only. */
  readonly spent?: TokenMemory | undefined;
}

/** Somebody who was let in. Give it back to `leave` when the link is gone. */
export interface Admitted {
  readonly id: string;
  readonly grant: Grant;
  /** When the link has to end, in milliseconds since 1970. */
  readonly endsAt: number;
  readonly ip: string;
  readonly given: GivenName;
  readonly custody: Omit<Custody, "challenges"> | undefined;
  readonly refusal?: undefined;
}

export interface Refused {
  readonly refusal: Refusal;
  /** Who it was, where that is known. */
  readonly grant?: Grant | undefined;
}

const ANYBODY: Grant = { subject: "anybody", id: "anybody", targets: "all" };

export class Admissions {
  #settings: AdmissionSettings;
  #rate: Rate;
  readonly #caps = new Caps();
  readonly #spent: TokenMemory;
  readonly #names = new Map<string, NamesInUse>();

  constructor(settings: AdmissionSettings, { spent = new SpentTokens() }: AdmissionsOptions = {}) {
    this.#settings = settings;
    this.#spent = spent;
    this.#rate = new Rate(settings.limits.openingsPerMinute);
  }

  get settings(): AdmissionSettings {
    return this.#settings;
  }

  /** From now on others hold; who is in already is asked for by `recheck`. */
  configure(settings: AdmissionSettings): void {
    if (settings.limits.openingsPerMinute !== this.#settings.limits.openingsPerMinute) {
      this.#rate = new Rate(settings.limits.openingsPerMinute);
    }
    this.#settings = settings;
  }

  /** Never rejects: a verifier that fails lets nobody in. */
  async admit(opening: Opening, { now, signal }: VerifyOptions): Promise<Admitted | Refused> {
    const settings = this.#settings;
    const checked = checkOpening(opening, settings);
    if ("close" in checked) return { refusal: checked };
    const { id } = checked;
    if (!this.#rate.take(opening.ip, now)) {
      return tooMany(`${opening.ip} has tried more than ${settings.limits.openingsPerMinute} times in a minute`);
    }
    // Before the verifier, so that waiting for it takes a place as well.
    const places = this.#enter([
      ["", settings.limits.links, "links"],
      [`ip ${opening.ip}`, settings.limits.linksPerIp, `links of ${opening.ip}`],
      [`target ${id}`, settings.targets.get(id)?.links ?? Infinity, `links to ${id}`],
    ]);
    if (!Array.isArray(places)) return places;
    const outcome = await this.#verified(opening, id, { now, signal }).catch((error: unknown) => failed(error));
    if (outcome.refusal !== undefined) {
      this.#leave(places);
      return outcome;
    }
    const refusal = await this.#overtaken(outcome, settings, { now, signal });
    if (refusal === undefined) return outcome;
    this.leave(outcome);
    return { refusal, grant: outcome.grant };
  }

  /** Gives back what a link had. */
  leave({ id, ip, grant, given }: Admitted): void {
    this.#leave(["", `ip ${ip}`, `target ${id}`, `subject ${grant.subject}`]);
    this.#names.get(id)?.release(given);
  }

  /** Why a link that is there has to end by what holds now; undefined if it may go on. Never rejects. */
  async recheck({ id, grant, endsAt }: Admitted, { now, signal }: VerifyOptions): Promise<Refusal | undefined> {
    const ended = (detail: string): Refusal => ({ close: "sessionEnded", detail });
    if (now >= endsAt) return ended("its time is over");
    if (this.#settings.targets.get(id) === undefined) return ended(`there is no target ${JSON.stringify(id)} any more`);
    if (this.#isRevoked(grant)) return ended(`${grant.subject} was revoked`);
    const again = this.#again(grant);
    if (again === undefined) return undefined;
    try {
      const verdict = await this.#ask(again, { now, signal });
      if (verdict.denied !== undefined) return ended(verdict.denied);
      if (verdict.grant.subject !== grant.subject) return ended(`its grant is that of ${verdict.grant.subject} now`);
      return allows(verdict.grant, id) ? undefined : ended(`its grant is not for ${JSON.stringify(id)} any more`);
    } catch (error) {
      return ended(`asking again failed: ${messageOf(error)}`);
    }
  }

  /** Who can say whether that grant still holds; undefined where nobody can, and where everybody is let in. */
  #again({ tokenHash, recheck }: Grant): Grant["recheck"] {
    const { verify } = this.#settings;
    if (tokenHash === undefined || verify === undefined) return recheck;
    return () => verify.byTokenHash?.(tokenHash) ?? { denied: "the configuration has no such tokens any more" };
  }

  /** What stands between the two directions of the link; undefined where nothing does. `now` is the caller's clock. */
  stage({ id, given, custody }: Admitted, nodePacketBytes: PacketBytes, now: number): LinkStage | undefined {
    const { level, limits, targets, custody: how } = this.#settings;
    const node = targets.get(id)?.node;
    if (level === "blind" || node === undefined) return undefined;
    const [toPage = 0, toNode = 0, creation = 0] = crypto.getRandomValues(new Uint32Array(3));
    return new LinkStage({
      node,
      nodePacketBytes,
      name: given,
      // 0 to 3 mean other things.
      creation: creation < 4 ? creation + 4 : creation,
      custody: custody && { ...custody, challenges: how === "terminate" ? { toPage, toNode } : undefined },
      now,
      handshakeTimeMs: limits.handshakeTimeMs,
      handshakeBytes: limits.handshakeBytes,
      packetBytes: limits.packetBytes,
    });
  }

  async #verified(opening: Opening, id: string, options: VerifyOptions): Promise<Admitted | Refused> {
    const { verify, key, level, limits, targets } = this.#settings;
    const verdict = verify === undefined ? { grant: ANYBODY } : await this.#ask((how) => verify(opening, how), options);
    if (verdict.denied !== undefined) return { refusal: { close: "badToken", detail: verdict.denied } };
    const { grant } = verdict;
    const refuse = (refusal: Refusal): Refused => ({ refusal, grant });
    if (this.#isRevoked(grant)) return refuse({ close: "badToken", detail: `${grant.subject} was revoked` });
    if (!allows(grant, id)) {
      return refuse({
        close: "notAllowed",
        reason: "the token is not for this target",
        detail: `the grant of ${grant.subject} is for ${String(grant.targets)}`,
      });
    }
    const target = targets.get(id);
    // It may have gone while the verifier was asked.
    if (target === undefined) return refuse({ close: "unknownTarget" });
    const custody =
      level === "custody" && key !== undefined && target.cookie !== undefined
        ? { cookie: target.cookie, secret: await sessionSecret(key, grant.id, id) }
        : undefined;
    if (level === "custody" && custody === undefined)
      return refuse({ close: "internal", detail: `there is no cookie for ${id}` });
    const places = this.#enter([[`subject ${grant.subject}`, limits.linksPerSubject, `links of ${grant.subject}`]]);
    if (!Array.isArray(places)) return refuse(places.refusal);
    const taken = await this.#take(grant, id, target, options);
    if ("close" in taken) {
      this.#leave(places);
      return refuse(taken);
    }
    const longest = limits.sessionTimeMs === 0 ? Infinity : limits.sessionTimeMs;
    const endsAt = Math.min(grant.endsAt ?? Infinity, options.now + longest);
    return { id, grant, endsAt, ip: opening.ip, given: taken, custody };
  }

  /** What a configuration that came while the verifier was asked says to its answer. */
  async #overtaken(admitted: Admitted, by: AdmissionSettings, options: VerifyOptions): Promise<Refusal | undefined> {
    let refusal: Refusal | undefined;
    for (let last = by; refusal === undefined && last !== this.#settings; ) {
      last = this.#settings;
      refusal = await this.recheck(admitted, options);
    }
    return refusal;
  }

  /** A name, and then the token's one use: what is refused for the name's sake leaves the token good. Never rejects. */
  async #take(grant: Grant, id: string, target: AdmissionTarget, options: VerifyOptions): Promise<GivenName | Refusal> {
    const names = this.#names.get(id) ?? new NamesInUse();
    this.#names.set(id, names);
    const given = names.take(grant.name ?? target.names ?? DEFAULT_NAME_RULE);
    if (given === undefined) return tooMany("all names of the pool are taken").refusal;
    const refusal = await this.#spend(grant, options);
    if (refusal === undefined) return given;
    names.release(given);
    return refusal;
  }

  /** A memory that fails lets nobody in. */
  async #spend({ subject, id, spentUntil }: Grant, { now, signal }: VerifyOptions): Promise<Refusal | undefined> {
    if (spentUntil === undefined) return undefined;
    try {
      if (await this.#inTime("the memory of used tokens", () => this.#spent.spend(id, spentUntil, now), signal)) return undefined;
      return { close: "badToken", reason: "the token was used before", detail: `the token of ${subject} was used before` };
    } catch (error) {
      const reason = "the bridge cannot say whether the token was used before";
      return { close: "internal", reason, detail: `the token of ${subject} cannot be marked as used: ${messageOf(error)}` };
    }
  }

  #ask(verify: (options: VerifyOptions) => Verdict | Promise<Verdict>, { now, signal }: VerifyOptions): Promise<Verdict> {
    return this.#inTime("the verifier", (limited) => verify({ now, signal: limited }), signal);
  }

  /** Who does not heed the signal is not waited for either. */
  #inTime<T>(who: string, ask: (limited: AbortSignal) => T | Promise<T>, signal: AbortSignal): Promise<T> {
    const { verifyTimeMs } = this.#settings.limits;
    const limited = AbortSignal.any([signal, AbortSignal.timeout(verifyTimeMs)]);
    return new Promise((resolve, reject) => {
      limited.addEventListener("abort", () => reject(new Error(`${who} did not answer within ${verifyTimeMs} ms`)), {
        once: true,
      });
      Promise.resolve(ask(limited)).then(resolve, reject);
    });
  }

  #isRevoked({ subject, id }: Grant): boolean {
    const { subjects, ids } = this.#settings.revoked;
    return subjects.has(subject) || ids.has(id);
  }

  /** Takes all places, or none. */
  #enter(places: readonly (readonly [name: string, most: number, what: string])[]): string[] | Refused {
    const full = places.find(([name, most]) => this.#caps.count(name) >= most);
    if (full !== undefined) return tooMany(`there are ${full[1]} ${full[2]} already`);
    for (const [name] of places) this.#caps.add(name);
    return places.map(([name]) => name);
  }

  #leave(names: readonly string[]): void {
    for (const name of names) this.#caps.remove(name);
  }
}

function allows({ targets }: Grant, id: string): boolean {
  return targets === "all" || targets.includes(id);
}

function tooMany(detail: string): Refused {
  return { refusal: { close: "tooMany", detail } };
}

function failed(error: unknown): Refused {
  return { refusal: { close: "internal", reason: "the bridge cannot say who may connect", detail: messageOf(error) } };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
