import { defineConfig, type ViteUserConfig } from "vitest/config";
import { softwareGpu } from "./test/webgpu.ts";

const shared = { environment: "node" as const, setupFiles: ["test/setup.ts"] };

const config: ViteUserConfig = defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: "fast",
          include: ["src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: ["**/*.slow.test.ts", "node_modules/**"],
        },
      },
      {
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
