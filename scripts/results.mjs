// Runs the experiments whose figures stand in README and docs, and writes results/NAME.json: the command, the commit,
// the machine with its load, the versions, and all that the command printed. Usage: npm run results [-- NAME ...]
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeRecord } from "./record.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const experiments = {
  "mnist1d-reference": ["reference", "--seeds", "3"],
  demo: ["demo", "--full", "--out", join(tmpdir(), "mlr-snet-results-demo")],
  bench: ["bench"],
  "guard-cost": ["guard-cost"],
  dev: [
    ...["benchmark", "--suite", "dev", "--schedules"],
    "zoo:default,zoo:anytime,zoo:paper,control:no-network,calibrated:linear",
    ...["--out", join(root, ".cache", "zoo", "dev.json"), "--resume"],
  ],
  calibration: ["calibration", "--out", join(root, ".cache", "calibration.json"), "--resume"],
  // Rows that stand in results/ablation.json are kept: take those out of it that are to be measured anew.
  ablation: [
    ...["ablation", "--generations", "30", "--folder", join(root, ".cache", "ablation")],
    ...["--out", join(root, ".cache", "ablation.json"), "--resume"],
  ],
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(experiments);
const unknown = wanted.find((name) => !(name in experiments));
if (unknown) {
  process.stderr.write(`Expected ${Object.keys(experiments).join(", ")}, got ${unknown}.\n`);
  process.exit(2);
}

// Where commands keep what they take up again.
mkdirSync(join(root, ".cache", "zoo"), { recursive: true });
const rows = join(root, "results", "ablation.json");
if (wanted.includes("ablation") && existsSync(rows)) {
  const record = JSON.parse(readFileSync(rows, "utf8"));
  // What learns nothing costs little: measured anew where it is of an older protocol.
  const cheap = ["no-network", "calibrated-linear", "paper"];
  const isKept = ({ variant, protocolVersion }) => protocolVersion !== undefined || !cheap.includes(variant);
  record.result.rows = record.result.rows.filter(isKept);
  writeFileSync(join(root, ".cache", "ablation.json"), JSON.stringify(record));
}
for (const name of wanted) {
  const args = experiments[name];
  const load = loadavg()[0];
  const start = Date.now();
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, "dist/cli/main.js"), ...args, "--json"],
    {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
      maxBuffer: 1 << 30,
    },
  );
  if (status !== 0) process.exit(status ?? 1);
  const command = `mlr-snet ${args.join(" ").replace(tmpdir(), "/tmp").replaceAll(`${root}/`, "")} --json`;
  writeRecord(name, { command, start, load, result: JSON.parse(stdout) });
  process.stderr.write(`results/${name}.json\n`);
}
