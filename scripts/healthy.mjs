// Whether a guard leaves healthy runs alone. `record` makes the trainings of the manifest without a guard, once, in
// .cache/healthy/PART.json (interrupted, it goes on where it was); `judge` sees in seconds what the guard would have done
// to them and to the sequences, and writes it under NAME (default: now) into results/healthy.json, beside what other
// names hold. Usage, after npm run build, with the data sets' folder in MLR_SNET_DATA:
// npm run healthy -- record [fit|judge]; npm run healthy -- judge [NAME [TIMES]]
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  HealthyTasks,
  healthyManifest,
  judgedGuard,
  judgeGuard,
  recordTraining,
} from "../dist/benchmark/healthy-runs.js";
import { Engine } from "../dist/engine/index.js";
import { provenance, writeRecord } from "./record.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, ".cache", "healthy");
const pathOf = (part) => join(folder, `${part}.json`);
const parts = ["fit", "judge"];
/** Trainings between two saves. */
const saveEvery = 10;

const [stage, given, times = "1"] = process.argv.slice(2);
if (stage === "record" && (given === undefined || parts.includes(given)))
  for (const part of given ? [given] : parts) await record(part);
else if (stage === "judge") judge(given ?? "now");
else {
  process.stderr.write("Expected record [fit|judge] or judge [NAME].\n");
  process.exit(2);
}

/** A recording of the same manifest, or an empty one. */
function readRecording(part, manifest) {
  try {
    const saved = JSON.parse(readFileSync(pathOf(part), "utf8"));
    if (saved.manifest === manifest.hash) return saved;
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  return { part, manifest: manifest.hash, ...provenance(), seconds: 0, runs: [] };
}

async function record(part) {
  const manifest = healthyManifest(part);
  const saved = readRecording(part, manifest);
  const done = new Set(saved.runs.map(({ name }) => name));
  // No lowering is measured: the same arithmetic, whatever else the machine does.
  const engine = await Engine.create({ threads: 1, planFolder: null });
  const tasks = new HealthyTasks();
  let since = process.cpuUsage();
  const save = () => {
    const { user, system } = process.cpuUsage(since);
    since = process.cpuUsage();
    saved.seconds += (user + system) / 1e6;
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${pathOf(part)}.part`, JSON.stringify(saved));
    renameSync(`${pathOf(part)}.part`, pathOf(part));
  };
  for (const training of manifest.trainings.filter(({ name }) => !done.has(name))) {
    saved.runs.push(await recordTraining(training, tasks, engine));
    if (saved.runs.length % saveEvery === 0) save();
    process.stderr.write(`\r${saved.runs.length} of ${manifest.trainings.length}: ${training.name}  `);
  }
  save();
  process.stderr.write(`\n${pathOf(part)}\n`);
}

function judge(name) {
  const [start, load] = [Date.now(), loadavg()[0]];
  const judged = parts.map((part) => {
    const manifest = healthyManifest(part);
    const { runs, ...recording } = readRecording(part, manifest);
    if (runs.length < manifest.trainings.length) {
      process.stderr.write(
        `Expected ${pathOf(part)} to hold all trainings of the manifest: run record ${part}.\n`,
      );
      process.exit(1);
    }
    const judgement = judgeGuard(judgedGuard(Number(times)), manifest, runs);
    const { runs: count, harmed, share, skipShare } = judgement.all;
    const percent = (x) => `${(100 * x).toPrecision(3)} %`;
    process.stderr.write(
      `${part}: ${harmed} of ${count} harmed (${percent(share)}), ${percent(skipShare)} of the steps skipped\n`,
    );
    return [part, { recording, judgement }];
  });
  const recordings = Object.fromEntries(judged.map(([part, { recording }]) => [part, recording]));
  const entry = {
    commit: provenance().commit,
    ...Object.fromEntries(judged.map(([part, { judgement }]) => [part, judgement])),
  };
  writeRecord("healthy", {
    command: `npm run healthy -- judge ${name}`,
    ...{ start, load },
    result: { recordings, guards: { ...earlierGuards(recordings), [name]: entry } },
  });
}

/** What the results file holds already; of other manifests nothing is kept. */
function earlierGuards(recordings) {
  try {
    const { result } = JSON.parse(readFileSync(join(root, "results", "healthy.json"), "utf8"));
    const same = parts.every((part) => result.recordings[part].manifest === recordings[part].manifest);
    return same ? result.guards : {};
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return {};
  }
}
