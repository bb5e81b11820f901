// A set-up file of all projects. In toMatchObject and its kin vitest takes a RegExp for an object without properties, which every
// text has, so `toMatchObject({ message: /refused/ })` could not fail. Here a RegExp equals the texts that it matches.
import { expect } from "vitest";

expect.addEqualityTesters([
  (actual: unknown, expected: unknown) =>
    expected instanceof RegExp && !(actual instanceof RegExp) ? typeof actual === "string" && expected.test(actual) : undefined,
]);
