// Writes results/NAME.json: what was run, at which commit, on what machine under what load, and all that came out.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();

/** The commit that makes a figure, the machine, and the versions. */
export function provenance() {
  const { version, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return {
    commit: git("rev-parse", "HEAD") + (git("status", "--porcelain", "--", "src") ? " with changes" : ""),
    machine: { cpu: cpus()[0].model, cores: cpus().length },
    versions: {
      "mlr-snet": version,
      node: process.version,
      "onnxruntime-node": devDependencies["onnxruntime-node"],
    },
  };
}

/** `start` is Date.now() before the run, `load` the load average then. */
export function writeRecord(name, { command, start, load, result }) {
  const { machine, ...made } = provenance();
  const record = {
    command,
    date: new Date(start).toISOString(),
    seconds: Math.round((Date.now() - start) / 1000),
    ...made,
    machine: { ...machine, loadBefore: Number(load.toFixed(2)) },
    result,
  };
  mkdirSync(join(root, "results"), { recursive: true });
  writeFileSync(join(root, "results", `${name}.json`), `${JSON.stringify(record, null, 1)}\n`);
}

/** Of a seed's row in results/zoo.json: on how many tasks a schedule at its usual rate, which needs no tuning either, does better. */
export function behindUntuned({ tasks }) {
  return tasks.filter(({ mean, bestUntuned }) => mean < bestUntuned).length;
}
