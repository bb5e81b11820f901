// What a link was let in with, for as long as it lives: ends it when its time is over or whoever let it in says no.
import { refusalEnding } from "./admission.ts";
import type { Link } from "./link.ts";
import type { Admissions, Admitted } from "./policy/index.ts";

/** The longest time that a timer of Node.js can take. */
const LONGEST_MS = 2 ** 31 - 1;

export class Session {
  readonly #admissions: Admissions;
  readonly #admitted: Admitted;
  readonly #link: Link;
  /** Made when somebody is asked, which is rare. */
  #asking: AbortController | undefined;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(admissions: Admissions, admitted: Admitted, link: Link) {
    this.#admissions = admissions;
    this.#admitted = admitted;
    this.#link = link;
    this.#setTimer();
  }

  /** Looks whether the link may stay by what holds now. Never rejects. */
  async recheck(): Promise<void> {
    const { node } = this.#link.target ?? {};
    this.#asking ??= new AbortController();
    const refusal = await this.#admissions.recheck(this.#admitted, { now: Date.now(), signal: this.#asking.signal });
    if (this.#isOver) return;
    const target = this.#admissions.settings.targets.get(this.#admitted.id);
    if (refusal !== undefined) this.#link.end(refusalEnding(refusal));
    else if (target?.node !== node) {
      this.#link.end(refusalEnding({ close: "sessionEnded", detail: `${this.#admitted.id} is ${target?.node} now` }));
    } else this.#setTimer();
  }

  /** The link is gone: gives back what it had. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#asking?.abort();
    clearTimeout(this.#timer);
    this.#admissions.leave(this.#admitted);
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const { endsAt, grant } = this.#admitted;
    const { recheckTimeMs } = this.#admissions.settings.limits;
    const next = Math.min(endsAt - Date.now(), grant.recheck === undefined ? Infinity : recheckTimeMs);
    if (next === Infinity) return;
    this.#timer = setTimeout(() => void this.recheck(), Math.min(Math.max(0, next), LONGEST_MS));
    // The link keeps the process, not its time.
    this.#timer.unref();
  }
}
