// Learns the schedules of the zoo, judges them on the development suite, and writes zoo/NAME.safetensors with their model
// cards and results/zoo.json with all seeds. Every stage goes on from where it was stopped; the work is kept in .cache/zoo.
// Usage: npm run zoo [-- learn|judge|publish ...] (default: all). Needs dist/ and the data of the development suite.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { advantage, fileHash } from "../dist/benchmark/internal.js";
import { MlrSnet } from "../dist/index.js";
import { encodeSchedule } from "../dist/schedules/file.js";
import { writeRecord } from "./record.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, ".cache", "zoo");
const judged = join(folder, "dev.json");

const longHorizon = (preset, budget) => [
  ...["meta-train", "--recipe", "long-horizon", "--preset", preset],
  ...["--budget", budget, "--checkpoint-every", "20", "--resume"],
];

/**
 * How each schedule is learned, and by which seeds; of several that one is shipped of which the fewest runs diverge on
 * the development suite, and of these the one that is best on its validation data.
 * Those without a title are judged alone.
 */
const recipes = {
  default: {
    args: longHorizon("transfer", "200gen"),
    seeds: [0, 1, 2],
    title: "long-horizon meta-training over the heterogeneous distribution; the horizon is known",
  },
  anytime: {
    args: longHorizon("transfer-anytime", "200gen"),
    seeds: [0],
    title: "long-horizon meta-training over the heterogeneous distribution; the horizon is not known",
  },
  paper: {
    args: [
      "meta-train",
      "--recipe",
      "paper",
      "--task",
      "mnist1d/mlp",
      "--switch-rule",
      "fractions",
      "--resume",
    ],
    seeds: [0],
    title: "the paper's recipe on mnist1d/mlp, three snapshots",
  },
  // What anyone gets who gives the recipe a time instead of a number of generations: here 30 minutes of one core.
  "budget-30m": { args: [...longHorizon("transfer", "30m"), "--workers", "1"], seeds: [0] },
};

const labelOf = (name) => (recipes[name].title ? `zoo:${name}` : name);
const pathOf = (name, seed) => join(folder, `${name}-${seed}.safetensors`);
const candidates = Object.entries(recipes).flatMap(([name, { seeds }]) =>
  seeds.map((seed) => ({ name, seed, path: pathOf(name, seed) })),
);

function mlrSnet(args, capture = false) {
  const { status, stdout } = spawnSync(process.execPath, [join(root, "dist/cli/main.js"), ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", capture ? "pipe" : "inherit", "inherit"],
    maxBuffer: 1 << 30,
  });
  if (status !== 0) process.exit(status ?? 1);
  return stdout;
}

function learn() {
  for (const { name, seed, path } of candidates) {
    process.stderr.write(`\n${labelOf(name)}, seed ${seed}\n`);
    mlrSnet([...recipes[name].args, "--seed", String(seed), "--out", path]);
  }
}

/**
 * The candidates that are here, by what the benchmark calls them: learned files, or the one that is shipped where its file is
 * not here. The others are named and left out.
 */
async function present() {
  const found = [];
  for (const { name, seed, path } of candidates) {
    const shipped = recipes[name].title
      ? (await MlrSnet.load(`zoo:${name}`)).provenance.seed === seed
      : false;
    if (existsSync(path))
      found.push({ name, seed, schedule: relative(root, path), file: await MlrSnet.load(path) });
    else if (shipped)
      found.push({ name, seed, schedule: `zoo:${name}`, file: await MlrSnet.load(`zoo:${name}`) });
    else
      process.stderr.write(
        `${labelOf(name)}, seed ${seed}: not learned here, left out (npm run zoo -- learn)\n`,
      );
  }
  return found;
}

async function judge() {
  const judgedHere = await present();
  const schedules = judgedHere.map(({ schedule }) => schedule).join(",");
  const args = [
    "benchmark",
    "--suite",
    "dev",
    "--schedules",
    schedules,
    "--out",
    judged,
    "--resume",
    "--json",
  ];
  const start = Date.now();
  const load = loadavg()[0];
  const result = JSON.parse(mlrSnet(args, true));
  const { protocolVersion, runtime } = result;
  const rowOf = (task, schedule) =>
    result.summary.find((row) => row.task === task && row.schedule === schedule);
  const seeds = judgedHere.map(({ name, seed, schedule, file }) => {
    const { generations = null, seconds = null } = file.provenance;
    const tasks = result.comparators.map(({ task, comparator, bestTuned, bestUntuned }) => {
      const { judgedBy, mean, diverged, validationMean } = rowOf(task, schedule);
      const beside = (against) => {
        const pair = result.paired.find(
          (other) => other.task === task && other.schedule === schedule && other.against === against,
        );
        const { difference, low, high, margin, verdict } = pair;
        return { schedule: against, mean: rowOf(task, against).mean, difference, low, high, margin, verdict };
      };
      const { taskHash, steps } = result.tasks.find((other) => other.task === task);
      const values = result.runs
        .filter((run) => run.task === task && run.schedule === schedule)
        .map((run) => ({ seed: run.seed, value: run.last[judgedBy] }));
      return {
        ...{ task, taskHash, steps, judgedBy, mean, diverged, validationMean, values },
        comparator: { ...beside(comparator), validationMean: rowOf(task, comparator).validationMean },
        bestTuned: beside(bestTuned),
        bestUntuned: beside(bestUntuned),
      };
    });
    return {
      ...{
        name: labelOf(name),
        seed,
        generations,
        seconds,
        parameters: fileHash(withoutCard(file)),
      },
      ...result.overall.find((row) => row.schedule === schedule),
      schedule: undefined,
      validationGain: mean(tasks.map(validationGain)),
      ...{ protocolVersion, commit: unitOf(result, schedule).commit },
      tasks,
    };
  });
  writeRecord("zoo", { command: "npm run zoo", start, load, result: { seeds, protocolVersion, runtime } });
  process.stderr.write("results/zoo.json\n");
}

/** The schedule itself, whatever its model card says. */
const withoutCard = ({ cell, snapshots }) => ({ cell, snapshots, provenance: {} });

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

const unitOf = ({ units }, schedule) => units.find(({ name }) => name === schedule);

/** How far a schedule is ahead of the comparator on validation data, in margins of the task. */
function validationGain({ judgedBy, validationMean, comparator }) {
  return advantage(validationMean, comparator.validationMean, judgedBy) / comparator.margin;
}

async function publish() {
  const { result, date } = JSON.parse(readFileSync(join(root, "results", "zoo.json"), "utf8"));
  for (const [name, { title, seeds }] of Object.entries(recipes)) {
    if (!title) continue;
    const rows = result.seeds.filter((row) => row.name === labelOf(name));
    const best = rows.toSorted(
      (a, b) => a.divergedRuns - b.divergedRuns || b.validationGain - a.validationGain,
    )[0];
    const { cell, snapshots, provenance } = await MlrSnet.load(pathOf(name, best.seed));
    const { better, notWorse, inconclusive, behind, withoutVerdict, divergedRuns, runs } = best;
    const figure = (value, judgedBy) =>
      judgedBy === "accuracy" ? `${(100 * value).toFixed(1)} %` : `${value.toPrecision(4)} ${judgedBy}`;
    const card = {
      name: labelOf(name),
      title,
      ...provenance,
      metaSeeds: seeds,
      chosen:
        seeds.length > 1
          ? "of its seeds the one of which the fewest runs diverged on the development suite, then the best on its validation data"
          : "the only seed",
      development: {
        suite: "dev",
        date: date.slice(0, 10),
        overall: { better, notWorse, inconclusive, behind, withoutVerdict, divergedRuns, runs },
        tasks: best.tasks.map(({ task, judgedBy, mean, diverged, comparator }) => ({
          ...{ task, judgedBy, mean, diverged, comparator: comparator.schedule },
          ...{ comparatorMean: comparator.mean, verdict: comparator.verdict },
        })),
      },
      knownFailures: [
        ...best.tasks
          .filter(({ comparator }) => comparator.verdict === "behind")
          .map(
            ({ task, judgedBy, mean, comparator }) =>
              `${task}: ${figure(mean, judgedBy)}, where a tuned ${comparator.schedule} has ${figure(comparator.mean, judgedBy)}`,
          ),
        ...best.tasks
          .filter(({ diverged }) => diverged > 0)
          .map(({ task, diverged, values }) => `${task}: ${diverged} of ${values.length} runs diverge`),
        ...(name === "paper"
          ? ["looks one step ahead: its rates fall too early, on most tasks it ends far below a tuned cosine"]
          : ["learned on runs of at most 2000 steps and networks of at most 96 units"]),
      ],
    };
    mkdirSync(join(root, "zoo"), { recursive: true });
    writeFileSync(
      join(root, "zoo", `${name}.safetensors`),
      encodeSchedule({ cell, snapshots, provenance: card }),
    );
    process.stderr.write(`zoo/${name}.safetensors: seed ${best.seed}\n`);
  }
}

const stages = { learn, judge, publish };
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(stages);
const unknown = wanted.find((stage) => !(stage in stages));
if (unknown) {
  process.stderr.write(`Expected ${Object.keys(stages).join(", ")}, got ${unknown}.\n`);
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
for (const stage of wanted) await stages[stage]();
