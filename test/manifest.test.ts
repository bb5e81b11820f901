// custom-elements.json is what editors and documentation know of the elements: it has to say what the sources say.
import { expect, it } from "vitest";
import { readText } from "./support/sources.ts";

interface Manifest {
  readonly modules: readonly {
    readonly declarations?: readonly {
      readonly name: string;
      readonly customElement?: boolean;
      readonly attributes?: readonly { readonly name: string }[];
      readonly events?: readonly { readonly name: string }[];
    }[];
  }[];
}

it("knows the console's attributes and events", () => {
  const { modules } = JSON.parse(readText("packages/web-demo/custom-elements.json")) as Manifest;
  const element = modules.flatMap(({ declarations = [] }) => declarations).find(({ name }) => name === "ErlConsole");
  expect(element?.customElement).toBe(true);
  expect(element?.attributes?.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["bridge", "node", "panels", "read-only", "allow"]),
  );
  expect(element?.events?.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["erl-connect", "erl-before-action", "erl-select"]),
  );
});
