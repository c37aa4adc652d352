// Whether a guard leaves healthy runs alone. `record` makes the trainings of the manifest without a guard, once, in
// .cache/healthy/PART.json (interrupted, it goes on where it was); `judge` sees what guards would have done to them and
// to the sequences, in seconds, and writes results/healthy.json. Usage, after npm run build, with the data sets' folder
// in MLR_SNET_DATA: node scripts/healthy.mjs record [fit|judge] ...; node scripts/healthy.mjs judge
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { healthyManifest } from "../dist/benchmark/healthy-manifest.js";
import { recordTraining } from "../dist/benchmark/healthy-recording.js";
import { HealthyTasks } from "../dist/benchmark/healthy-tasks.js";
import { Engine } from "../dist/engine/index.js";
import { provenance } from "./record.mjs";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", ".cache", "healthy");
const pathOf = (part) => join(folder, `${part}.json`);
const parts = ["fit", "judge"];
/** Trainings between two saves. */
const saveEvery = 10;

const [stage, ...given] = process.argv.slice(2);
if (!["record", "judge"].includes(stage) || given.some((part) => !parts.includes(part))) {
  process.stderr.write("Expected record [fit|judge] or judge.\n");
  process.exit(2);
}
if (stage === "record") for (const part of given.length > 0 ? given : parts) await record(part);

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
