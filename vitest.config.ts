import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";
import { softwareGpu } from "./test/webgpu.ts";

const source = fileURLToPath(new URL("./src/", import.meta.url));
/** Guards against what hangs, and nothing else: a loaded machine takes many times what a quiet one does. */
const patience = 1_800_000;
const shared = {
  environment: "node" as const,
  setupFiles: ["test/setup.ts"],
  testTimeout: patience,
  hookTimeout: patience,
  // Task files in JavaScript are read like the source, so that their `mlr-snet` is the alias below.
  server: { deps: { inline: [/^(?!.*node_modules).*\.mjs$/] } },
};

/** The package's entries by the names that users import, here straight from the source. */
const alias = [
  { find: /^mlr-snet$/, replacement: `${source}index.ts` },
  { find: /^mlr-snet\/(file|import)$/, replacement: `${source}schedules/$1.ts` },
  { find: /^mlr-snet\/(\w+)$/, replacement: `${source}$1/index.ts` },
];

const config: ViteUserConfig = defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    teardownTimeout: patience,
    projects: [
      {
        resolve: { alias },
        test: {
          ...shared,
          name: "fast",
          // Most of its time went into loading the same modules for every file.
          isolate: false,
          include: ["src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: ["**/*.slow.test.ts", "node_modules/**"],
        },
      },
      {
        resolve: { alias },
        test: {
          ...shared,
          name: "slow",
          include: ["src/**/*.slow.test.ts", "test/**/*.slow.test.ts"],
          env: softwareGpu(),
        },
      },
    ],
  },
});

export default config;
