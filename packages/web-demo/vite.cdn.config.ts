// The console as files for a page without a bundler: `erl-console.js` is the one that a page names; what a panel needs is beside it
// and is loaded with the panel.
import { join } from "node:path";
import { defineConfig, type UserConfig } from "vite";
import { smallStyles } from "./small-styles.ts";
import { thirdPartyNotices } from "./third-party-notices.ts";

const config: UserConfig = defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [smallStyles(), thirdPartyNotices()],
  resolve: { conditions: ["@erl-dist/source", "browser", "import", "default"] },
  build: {
    outDir: "dist/cdn",
    target: "es2023",
    // As a library, since Vite adds a helper of its own to pages that load something later.
    lib: { entry: { "erl-console": join(import.meta.dirname, "src/index.ts") }, formats: ["es"] },
    rolldownOptions: {
      output: {
        minify: true,
        // Annotations say to a further bundler what it may leave out; this is what a page loads.
        comments: false,
        entryFileNames: "[name].js",
        chunkFileNames: "[name]-[hash].js",
        // What a page needs to be shown, and what it needs to be connected, are a file each, with what panels share with them: many
        // small files would be packed each by itself. No file may import `erl-console.js`, of which a page that asks for it by an
        // address of its own (`?v=2`) would then have two.
        codeSplitting: {
          groups: [
            // A worker loads it, too, and must get nothing with it that needs a document.
            { name: "controllers", test: /\/connection\/controllers\.ts$/, priority: 3 },
            { name: "element", test: /\/erl-console\/element\.ts$/, priority: 2 },
            { name: "session", test: /\/connection\/session\.ts$/, priority: 1 },
          ],
        },
      },
    },
  },
});

export default config;
