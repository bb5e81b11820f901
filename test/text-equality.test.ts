import { expect, it } from "vitest";

it("compares a text with a RegExp by matching it", () => {
  const error = new Error("connection refused");
  expect(error).toMatchObject({ message: /refused/ });
  expect(error).not.toMatchObject({ message: /accepted/ });
  expect({ error, list: ["one"] }).toMatchObject({ error: { message: /refused$/ }, list: [/^o/] });
  expect({ error, list: ["one"] }).not.toMatchObject({ error: { message: /refused$/ }, list: [/^t/] });
  expect({ code: 1 }).not.toMatchObject({ code: /1/ });
  expect({ pattern: /a/ }).toEqual({ pattern: /a/ });
  expect({ pattern: /a/ }).not.toEqual({ pattern: /b/ });
});
