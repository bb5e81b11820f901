// Lit's internal state begins with an underscore; the analyzer takes it for attributes.
const isInternal = ({ name }) => name.startsWith("_");

/** The events of the elements, from the interface that types them: their names, what they carry, and what they mean. */
const events = new Map();

export default {
  packagejson: false,
  plugins: [
    {
      name: "types-of-events",
      analyzePhase({ ts, node }) {
        if (!ts.isInterfaceDeclaration(node) || node.name.text !== "ErlConsoleEventMap") return;
        for (const member of node.members) {
          const description = ts.getJSDocCommentsAndTags(member)[0]?.comment;
          events.set(member.name.text, { type: { text: member.type.getText() }, description });
        }
      },
    },
    {
      name: "in-order-and-without-internal-state",
      packageLinkPhase({ customElementsManifest }) {
        // What it has of states is in the schema from there on.
        customElementsManifest.schemaVersion = "2.1.0";
        // Files come in the order in which the disk gives them.
        customElementsManifest.modules.sort((a, b) => (a.path < b.path ? -1 : 1));
        for (const { declarations = [] } of customElementsManifest.modules) {
          for (const declaration of declarations) {
            for (const key of ["attributes", "members"]) {
              if (declaration[key] !== undefined) declaration[key] = declaration[key].filter((each) => !isInternal(each));
            }
            for (const event of declaration.events ?? []) event.type = events.get(event.name)?.type ?? event.type;
          }
        }
      },
    },
  ],
};
