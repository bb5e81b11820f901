// Lit's internal state begins with an underscore; the analyzer takes it for attributes.
const isInternal = ({ name }) => name.startsWith("_");

export default {
  packagejson: false,
  plugins: [
    {
      name: "in-order-and-without-internal-state",
      packageLinkPhase({ customElementsManifest }) {
        // Files come in the order in which the disk gives them.
        customElementsManifest.modules.sort((a, b) => (a.path < b.path ? -1 : 1));
        for (const { declarations = [] } of customElementsManifest.modules) {
          for (const declaration of declarations) {
            for (const key of ["attributes", "members"]) {
              if (declaration[key] !== undefined) declaration[key] = declaration[key].filter((each) => !isInternal(each));
            }
          }
        }
      },
    },
  ],
};
