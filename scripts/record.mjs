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
  const changes = git("status", "--porcelain", "--", "src", "zoo") ? " with changes" : "";
  return {
    commit: git("rev-parse", "HEAD") + changes,
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
  writeFileSync(join(root, "results", `${name}.json`), `${lined(record, 3)}\n`);
}

/** JSON with an item a line, down to so many levels: readable, and a third of the size that two levels more would have. */
export function lined(value, levels, indent = "") {
  if (levels === 0 || typeof value !== "object" || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return isList ? "[]" : "{}";
  const lines = entries.map(([name, item]) => {
    const text = lined(item, levels - 1, `${indent} `);
    return `${indent} ${isList ? "" : `${JSON.stringify(name)}: `}${text}`;
  });
  return `${isList ? "[" : "{"}\n${lines.join(",\n")}\n${indent}${isList ? "]" : "}"}`;
}
