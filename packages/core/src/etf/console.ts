// How terms show when a program prints them.

/** Node.js, Deno and Bun call this method of a value to show it in the console. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Lets a class of terms show in the console as its text. @internal */
export function showInConsole(prototype: { toString(): string }): void {
  Object.defineProperty(prototype, INSPECT, {
    value(this: { toString(): string }): string {
      return this.toString();
    },
  });
}
