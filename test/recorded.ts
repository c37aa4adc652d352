import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Candidate, compare, hashOf, type Score, settingsOf } from "../src/benchmark/index.ts";
import { findSuite } from "../src/benchmark/internal.ts";
import { Engine } from "../src/engine/index.ts";
import type { Task } from "../src/training/index.ts";
import { findTask } from "../src/training/internal.ts";

/*
 * What the tests of recorded figures need of results/NAME.json, beside what its table shows. `commit` is everywhere.
 *
 * | file              | units                        | fields of a unit                                                           |
 * | mnist1d-reference | result.results[]             | network, accuracies[], protocolVersion, taskHash; result.steps              |
 * | guard-cost        | result.results[]             | task, steps, baseRate, rate, runs[], protocolVersion, taskHash              |
 * | dev               | result.units[]               | name, task, taskHash, steps, trainedOn, participant, schedule, sha256, ...; |
 * |                   |                              | runs of the same task and name in result.runs[]; result.protocolVersion     |
 * | demo              | result.table[]               | task, taskHash, steps, seed, runs, schedule, sha256, baseRate, mean, ...    |
 * | zoo               | result.seeds[]               | name, seed, parameters, protocolVersion, tasks[] with taskHash and values[] |
 * | ablation          | result.rows[] that have      | schedule, sha256, tasks[] with taskHash and mean; result.seed, result.seeds |
 * |                   | protocolVersion; at least    |                                                                             |
 * |                   | those that learn nothing     |                                                                             |
 *
 * bench and lowerings are timings, which no run gives again: left out. calibration has nothing that the suite trains.
 */

// biome-ignore lint/suspicious/noExplicitAny: JSON of a file, whose fields the tests themselves check.
export type Recorded = any;

export const root: string = fileURLToPath(new URL("..", import.meta.url));

/** `result` of a recorded file. */
export function recorded(name: string): Recorded {
  return JSON.parse(readFileSync(join(root, "results", `${name}.json`), "utf8")).result;
}

/** Where the data of tasks are looked for. */
const dataDirectory = join(root, "..", "shared", "data");
const dataOptions = existsSync(dataDirectory) ? { dataDirectory } : {};

/** A task of the development suite, or of the built-in ones where `suite` has another of that name. */
export async function taskOf(name: string, suite: "dev" | "built-in"): Promise<Task> {
  const entry = suite === "dev" ? findSuite("dev").find((task) => task.name === name)! : findTask(name);
  return await entry.load(dataOptions);
}

/** Whether a task is generated, and so needs no data from outside. */
export const isGenerated = (task: string): boolean => /^(dev\/)?mnist1d[-/]/.test(task);

/** Whether a task has no convolution: how these are written is measured on each machine, which changes their last bits. */
export const isSteady = (task: string): boolean => /(mlp|gru|logistic)$/.test(task);

/** Tasks with their recorded hash, each once: every unit of a file that has one. */
export function recordedTasks(name: "dev" | "zoo" | "ablation"): { task: string; taskHash: string }[] {
  const result = recorded(name);
  const rows: { task: string; taskHash: string }[] =
    name === "dev"
      ? result.units
      : (name === "zoo" ? result.seeds : controlRows(result)).flatMap((row: Recorded) => row.tasks);
  return [...new Map(rows.map(({ task, taskHash }) => [`${task} ${taskHash}`, { task, taskHash }])).values()];
}

/** Rows of the ablation that were made by this protocol: those of older ones are kept for what they are. */
export const controlRows = ({ rows }: Recorded): Recorded[] =>
  rows.filter((row: Recorded) => row.protocolVersion !== undefined);

/** @param optimizer in the place of the task's. */
export async function currentHash(
  name: string,
  suite: "dev" | "built-in",
  optimizer?: Task["optimizer"],
): Promise<string> {
  const task = await taskOf(name, suite);
  return hashOf(settingsOf(optimizer ? { ...task, optimizer } : task));
}

/** SHA-256 of zoo/NAME.safetensors for `zoo:NAME`. */
export function zooHash(schedule: string): string {
  const path = join(root, "zoo", `${schedule.replace("zoo:", "")}.safetensors`);
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** Final runs with these seeds again, each with the base rate that was chosen then: their scores at the last step. */
export async function runAgain(
  task: Task,
  candidate: Candidate,
  {
    baseRate,
    seeds,
    ...options
  }: { baseRate: number | null; seeds: readonly number[] } & {
    steps: number;
    keepsValidation: boolean;
  },
): Promise<{ last: Score; validation: Score | null }[]> {
  const engine = await Engine.create({ threads: 1 });
  const scores: { last: Score; validation: Score | null }[] = [];
  for (const seed of seeds) {
    const fixed: Candidate = { ...candidate, baseRates: [], create: () => candidate.create(baseRate) };
    const again = compare({ task, engine, candidates: [fixed], seeds: 1, seed: seed - 1, ...options });
    let item = await again.next();
    while (!item.done) item = await again.next();
    scores.push(item.value.runs[0]!);
  }
  return scores;
}
