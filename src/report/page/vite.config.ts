import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

const config: UserConfig = defineConfig({
  root: path("."),
  plugins: [viteSingleFile({ removeViteModuleLoader: true })],
  build: {
    outDir: path("../../../dist/report"),
    // tsc has put the report's modules into the same folder.
    emptyOutDir: false,
    copyPublicDir: false,
    // Its preloading helper would bring a `fetch` into a page that needs none.
    modulePreload: false,
    rolldownOptions: { input: path("page.html") },
  },
});

export default config;
