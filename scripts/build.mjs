// Builds dist/: the package with tsc, the report page with vite.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const bin = (name) => join(root, "node_modules", ".bin", name);

function run(program, args) {
  const result = spawnSync(program, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

rmSync(join(root, "dist"), { recursive: true, force: true });
run(bin("tsc"), ["-p", "tsconfig.build.json"]);
copyFileSync(join(root, "src/benchmark/bench/pytorch.py"), join(root, "dist/benchmark/bench/pytorch.py"));
if (existsSync(join(root, "src/report/page/vite.config.ts")))
  run(bin("vite"), ["build", "--config", "src/report/page/vite.config.ts", "--logLevel", "error"]);
if (existsSync(join(root, "dist/cli/main.js"))) chmodSync(join(root, "dist/cli/main.js"), 0o755);
