// The functions that other nodes may run here, by module and name: what `node.expose` was given, and nothing else.
import { atom, type Term } from "../etf/index.ts";
import type { Process } from "./process.ts";

interface Method {
  // As a method's, its parameters may be narrower than Term: what comes from a peer is for the function to check.
  call(this: Process, ...args: Term[]): unknown;
}

/**
 * A function that other nodes may run. Each call is a process of its own, which is `this`. A promise is awaited; `undefined`
 * becomes the atom `ok`. Throw an ErlangError to choose class and reason; any other error is
 * `error:{js_error, Name, Message}`.
 */
export type ExposedFunction = Method["call"];

/**
 * By name, or by `"name/arity"` for one arity. A function without an arity in its name takes calls with at least as many
 * arguments as it declares (before a rest or a default parameter); with fewer it is `undef`, as in Erlang.
 */
export type ExposedFunctions = Readonly<Record<string, ExposedFunction>>;

const WITH_ARITY = /^(.+)\/\d{1,3}$/s;

export class ExposedModules {
  /** Maps and not objects: a peer may ask for any name, `constructor` too. */
  readonly #modules = new Map<string, ReadonlyMap<string, ExposedFunction>>();

  get isEmpty(): boolean {
    return this.#modules.size === 0;
  }

  /** Throws a TypeError for what is no function, or for no functions at all, and a RangeError for names that no atom can have. */
  expose(module: string, functions: ExposedFunctions): void {
    const byName = new Map<string, ExposedFunction>();
    for (const [name, implementation] of Object.entries(functions)) {
      if (typeof implementation !== "function") throw new TypeError(`${module}:${name} is not a function`);
      atom(WITH_ARITY.exec(name)?.[1] ?? name);
      byName.set(name, implementation);
    }
    if (byName.size === 0) {
      throw new TypeError(`no functions for ${module}: those of an instance are its class's; expose an object that has its own`);
    }
    this.#modules.set(atom(module).name, byName);
  }

  /** Says whether it was there. */
  remove(module: string): boolean {
    return this.#modules.delete(module);
  }

  find(module: string, name: string, arity: number): ExposedFunction | undefined {
    const functions = this.#modules.get(module);
    const exact = functions?.get(`${name}/${arity}`);
    if (exact !== undefined) return exact;
    const any = functions?.get(name);
    return any !== undefined && any.length <= arity ? any : undefined;
  }
}
