import { defineConfig, type UserConfig } from "vite";

const config: UserConfig = defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ["@erl-dist/source", "browser", "import", "default"] },
  build: { target: "es2024" },
});

export default config;
