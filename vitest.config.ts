import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";
import { softwareGpu } from "./test/webgpu.ts";

const source = fileURLToPath(new URL("./src/", import.meta.url));
const shared = {
  environment: "node" as const,
  setupFiles: ["test/setup.ts"],
  // Task files in JavaScript are read like the source, so that their `mlr-snet` is the alias below.
  server: { deps: { inline: [/^(?!.*node_modules).*\.mjs$/] } },
};

/** The package's entries by the names that users import, here straight from the source. */
const alias = [
  { find: /^mlr-snet$/, replacement: `${source}index.ts` },
  { find: /^mlr-snet\/(pytorch|writer)$/, replacement: `${source}schedules/$1.ts` },
  { find: /^mlr-snet\/(\w+)$/, replacement: `${source}$1/index.ts` },
];

const config: ViteUserConfig = defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    projects: [
      {
        resolve: { alias },
        test: {
          ...shared,
          name: "fast",
          // A guard against what hangs: a loaded machine takes many times what a quiet one does.
          testTimeout: 60_000,
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
          testTimeout: 600_000,
          hookTimeout: 120_000,
          env: softwareGpu(),
        },
      },
    ],
  },
});

export default config;
