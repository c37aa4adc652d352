// Does all set-up (install, build) and then runs `start`, `test` or `bench`. Plain Node: nothing is installed yet.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [command, ...rest] = process.argv.slice(2);
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`mlr-snet needs Node 20.19 or later, this is ${process.version}.\n`);
  process.exit(2);
}

function run(program, args) {
  // The runtime's post-install step fetches CUDA files from outside the npm registry; the CPU needs none of them.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" };
  const result = spawnSync(program, args, {
    cwd: root,
    stdio: "inherit",
    env,
    shell: process.platform === "win32",
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

const stamp = join(root, "node_modules", ".mlr-snet-lock");
const lock = readFileSync(join(root, "package-lock.json"), "utf8");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  process.stderr.write("Installing (once)...\n");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(stamp, lock);
}
run(process.execPath, [join(root, "scripts", "build.mjs")]);

const cli = join(root, "dist", "cli", "main.js");
if (command === "start") run(process.execPath, [cli, "demo", ...rest]);
else if (command === "bench") run(process.execPath, [cli, "bench", ...rest]);
else if (command === "test") {
  const bin = (name) => join(root, "node_modules", ".bin", name);
  run(bin("biome"), ["check", "."]);
  run(bin("tsc"), ["--noEmit"]);
  run(bin("vitest"), ["run", ...rest]);
} else {
  process.stderr.write("usage: node scripts/bootstrap.mjs start|test|bench [arguments]\n");
  process.exit(2);
}
