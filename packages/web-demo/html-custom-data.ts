// What Visual Studio Code knows of the elements while a person writes HTML (`html.customData` in its settings): their attributes and
// values. Written from custom-elements.json by `npm run manifest`.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Attribute {
  readonly name: string;
  readonly description?: string;
  readonly type?: { readonly text: string };
}

/** What of a custom elements manifest is needed here. */
export interface Manifest {
  readonly modules: readonly {
    readonly declarations?: readonly {
      readonly tagName?: string;
      readonly description?: string;
      readonly attributes?: readonly Attribute[];
    }[];
  }[];
}

export function htmlCustomData({ modules }: Manifest): object {
  const declarations = modules.flatMap(({ declarations = [] }) => declarations);
  const tags = declarations.flatMap(({ tagName, description = "", attributes = [] }) =>
    tagName === undefined ? [] : [{ name: tagName, description, attributes: attributes.map(attributeData) }],
  );
  return { version: 1.1, tags };
}

function attributeData({ name, description = "", type }: Attribute): object {
  const words = [...(type?.text.matchAll(/"([^"]+)"/g) ?? [])].map(([, word]) => ({ name: word }));
  // "v" is the editor's word for an attribute that has no value.
  const value = type?.text === "boolean" ? { valueSet: "v" } : words.length > 0 ? { values: words } : {};
  return { name, description, ...value };
}

export const FILE: string = join(import.meta.dirname, "vscode.html-custom-data.json");

if (import.meta.main) {
  // The analyzer has written it.
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "custom-elements.json"), "utf8")) as Manifest;
  writeFileSync(FILE, `${JSON.stringify(htmlCustomData(manifest), undefined, 2)}\n`);
}
