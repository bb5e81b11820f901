// Asks somebody else by HTTP: an application that keeps sessions of its own, and can end them.
//
//   POST url  { token, target, ip, origin }    200  { subject, id, targets?, name?, pool?, session? }    401, 403  no
import { checkNameRule, type NameRule } from "./names.ts";
import type { Opening } from "./opening.ts";
import type { Verdict, Verify, VerifyOptions } from "./verifier.ts";

export interface HttpCallbackOptions {
  readonly url: string;
  /** Sent as `authorization`, so that the application knows who asks. */
  readonly authorization?: string | undefined;
  /** By default the runtime's own. */
  readonly fetch?: typeof fetch | undefined;
}

/** Bytes of an answer. */
const ANSWER_BYTES = 16 * 1024;

/** The grant's id is what the answer says, else `http:` and the subject. It is asked again while the link lives. */
export function httpCallback({ url, authorization, fetch: ask = fetch }: HttpCallbackOptions): Verify {
  const verify = async (opening: Opening, { now, signal }: VerifyOptions): Promise<Verdict> => {
    const { token, target, ip, origin } = opening;
    const headers = { "content-type": "application/json", ...(authorization === undefined ? {} : { authorization }) };
    const body = JSON.stringify({ token, target, ip, origin });
    const answer = await ask(url, { method: "POST", headers, body, redirect: "manual", signal });
    if (answer.status === 401 || answer.status === 403) {
      await answer.body?.cancel();
      return { denied: `the application said ${answer.status}` };
    }
    if (answer.status !== 200) {
      await answer.body?.cancel();
      throw new TypeError(`the application answered ${answer.status}, 200, 401 or 403 were expected`);
    }
    return grantOf(JSON.parse(await limitedText(answer)), now, (options) => verify(opening, options));
  };
  return verify;
}

async function limitedText(answer: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > ANSWER_BYTES) throw new TypeError(`the application's answer has more than ${ANSWER_BYTES} characters`);
  }
  return text + decoder.decode();
}

function grantOf(answer: unknown, now: number, recheck: (options: VerifyOptions) => Promise<Verdict>): Verdict {
  const bad = (what: string): TypeError => new TypeError(`the application's answer: ${what}`);
  if (typeof answer !== "object" || answer === null) throw bad("it is no JSON object");
  const { subject, id, targets = "all", name, pool, session } = answer as Readonly<Record<string, unknown>>;
  if (typeof subject !== "string" || subject === "") throw bad("subject is no text");
  if (id !== undefined && (typeof id !== "string" || id === "")) throw bad("id is no text");
  if (targets !== "all" && !isTexts(targets)) throw bad("targets is no list of ids");
  if (session !== undefined && typeof session !== "number") throw bad("session is no number of seconds");
  const endsAt = session === undefined ? undefined : now + session * 1000;
  return { grant: { subject, id: id ?? `http:${subject}`, targets, name: nameRuleOf(name, pool, bad), endsAt, recheck } };
}

function nameRuleOf(name: unknown, pool: unknown, bad: (what: string) => TypeError): NameRule | undefined {
  if (name === undefined && pool === undefined) return undefined;
  if (name !== undefined && typeof name !== "string") throw bad("name is no full node name");
  if (name === undefined && !isTexts(pool)) throw bad("pool is no list of full node names");
  const rule: NameRule = name === undefined ? { type: "pool", names: pool as readonly string[] } : { type: "pin", name };
  checkNameRule(rule);
  return rule;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
