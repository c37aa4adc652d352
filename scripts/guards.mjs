// The guard of this checkout beside that of an older one, whose folder is given: `zoo:default` on the development suite, and
// guarded cosines from ten times the tuned rate, on all training data, judged on test data, seed by seed. Writes
// results/guards.json; the work is kept in .cache/guards.json, and what a checkout has made goes on from there while its commit is the same.
// Usage, after npm run build: git worktree add ../before COMMIT && (cd ../before && npm ci && npm run build);
// MLR_SNET_DATA=FOLDER npm run guards -- ../before
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { guardCostExcess, guardCostNetworks, guardCostPlans } from "../dist/benchmark/guard-cost.js";
import { differenceOf } from "../dist/benchmark/paired-difference.js";
import { measured } from "../dist/benchmark/score.js";
import { writeFileAtomic } from "../dist/files/internal.js";
import { provenance, writeRecord } from "./record.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const kept = join(root, ".cache", "guards.json");
const [given] = process.argv.slice(2);
if (given === undefined || !existsSync(join(given, "dist", "index.js"))) {
  process.stderr.write(`Expected the folder of another checkout that is built, got ${given ?? "none"}.\n`);
  process.exit(2);
}
const other = resolve(given);
const seedCounts = { "zoo:default": 10, "ten times the tuned rate": 30 };
const isAct = ({ kind }) => ["rollback", "cut", "restored", "backed-off"].includes(kind);

/** What one checkout makes of a task. */
async function side(folder) {
  const load = (entry) => import(pathToFileURL(join(folder, "dist", entry)).href);
  const { MlrSnet, cosine, ...core } = await load("index.js");
  const divergenceGuard = core.divergenceGuard ?? core.insured; // its name in older checkouts
  const { Engine } = await load("engine/index.js");
  const { findSuite, judgedRun } = await load("benchmark/index.js");
  const { allDataOf, findTask } = await load("training/index.js");
  // No lowering is measured: the same arithmetic, whatever else the machine does.
  const engine = await Engine.create({ threads: 1, planFolder: null });
  const zoo = await MlrSnet.load("zoo:default");
  const run = async (task, schedule, steps, seed) => {
    const options = { task, data: allDataOf(task), schedule, engine, seed, steps, judgeOn: "test" };
    const records = judgedRun(options);
    for (;;) {
      const { done, value } = await records.next();
      if (!done) continue;
      const { last, judgedBy, events } = value;
      return { judgedBy, last, acts: events.filter(isAct).length };
    }
  };
  const suite = new Map(findSuite("dev").map((entry) => [entry.name, entry]));
  return {
    commit: execFileSync("git", ["rev-parse", "HEAD"], { cwd: folder, encoding: "utf8" }).trim(),
    rows: [
      ...guardCostNetworks.map((name) => ["ten times the tuned rate", `mnist1d/${name}`]),
      ...[...suite.keys()].map((name) => ["zoo:default", name]),
    ],
    /** The run of a seed on a task, whose data are read once. */
    async runner(use, name) {
      if (use === "zoo:default") {
        const entry = suite.get(name);
        const task = await entry.load({ dataDirectory: process.env.MLR_SNET_DATA });
        return (seed) => run(task, zoo.schedule(), entry.steps, seed);
      }
      const { steps, tuned } = guardCostPlans[name.split("/")[1]];
      const task = await findTask(name).load();
      const schedule = () =>
        divergenceGuard(cosine({ baseRate: guardCostExcess * tuned }), { restore: true });
      return (seed) => run(task, schedule(), steps, seed);
    },
  };
}

const [start, load] = [Date.now(), loadavg()[0]];
const sides = { before: await side(other), now: await side(root) };
const commits = { before: sides.before.commit, now: provenance().commit };
const saved = existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")) : {};
const runsOf = (name) => (saved.commits?.[name] === commits[name] ? saved.runs[name] : {});
const runs = { before: runsOf("before"), now: runsOf("now") };
mkdirSync(dirname(kept), { recursive: true });
const rows = [];
for (const [use, task] of sides.now.rows) {
  const found = { before: [], now: [] };
  const seeds = seedCounts[use];
  const runners = { before: await sides.before.runner(use, task), now: await sides.now.runner(use, task) };
  for (let seed = 1; seed <= seeds; seed++)
    for (const name of ["before", "now"]) {
      const key = [use, task, seed].join("|");
      if (!runs[name][key]) {
        runs[name][key] = await runners[name](seed);
        await writeFileAtomic(kept, JSON.stringify({ commits, runs }));
      }
      found[name].push(runs[name][key]);
      const minutes = ((Date.now() - start) / 60_000).toFixed(1);
      process.stderr.write(`\r${use}, ${task}, seed ${seed} of ${seeds}, ${minutes} minutes `);
    }
  const { judgedBy } = found.now[0];
  const valuesOf = (name) => found[name].map(({ last }) => measured(last, judgedBy));
  const actsOf = (name) => found[name].reduce((sum, { acts }) => sum + acts, 0) / seeds;
  const [before, now] = [valuesOf("before"), valuesOf("now")];
  const acts = { before: actsOf("before"), now: actsOf("now") };
  rows.push({ use, task, judgedBy, before, now, acts, paired: differenceOf(now, before, judgedBy) });
}
process.stderr.write("\n");
writeRecord("guards", {
  command: "npm run guards -- ../before",
  start,
  load,
  result: { commits, rows },
});
