import { parentPort, workerData } from "node:worker_threads";
import { type Device, Engine, type LoweringRecord } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import type { Task } from "../training/index.ts";
import { evaluations } from "./benchmark-plan.ts";
import { type BenchmarkUnit, keyOf, type UnitRequest } from "./benchmark-unit.ts";
import { compare } from "./compare.ts";
import { candidateOf } from "./participants.ts";
import { findSuite } from "./suites.ts";

/* One core's share of a benchmark: told a unit, it does it and answers. */

/** What a worker is started with. */
export type WorkerSettings = {
  device: Device;
  /** Kept to by every worker, so that all do the same arithmetic. */
  plan: LoweringRecord;
  dataDirectory: string | undefined;
  /** One Int32, set to 1 where the work is to stop: a message would not be seen between two steps. */
  stop: SharedArrayBuffer;
};

export type WorkerMessage =
  | { kind: "progress"; done: number }
  | { kind: "result"; unit: BenchmarkUnit }
  | { kind: "error"; code: string; message: string };

const millisecondsBetweenMessages = 100;

const { device, plan, dataDirectory, stop } = workerData as WorkerSettings;
const isStopped = new Int32Array(stop);
const engine = await Engine.create({ device, threads: 1, plan });
const tell = (message: WorkerMessage): void => parentPort!.postMessage(message);
/** The last one used: units come task by task. */
let loaded: Task | undefined;

parentPort!.on("message", async (request: UnitRequest) => {
  try {
    tell({ kind: "result", unit: await run(request) });
  } catch (error) {
    tell({
      kind: "error",
      code: error instanceof MlrSnetError ? error.code : "UNEXPECTED",
      message: error instanceof Error ? error.message : String(error),
    });
  }
});

async function run(request: UnitRequest): Promise<BenchmarkUnit> {
  const { participant, seeds, seed, searchSeeds, keepsValidation, steps, taskHash, commit } = request;
  const task = await taskOf(request);
  const controller = new AbortController();
  const { signal } = controller;
  const candidates = [await candidateOf(participant, task)];
  const comparison = compare({
    ...{ task, taskHash, commit, candidates, engine, seeds, seed, searchSeeds, steps, signal },
    ...{ keepsValidation, evaluations },
  });
  for (let toldAt = 0; ; ) {
    if (Atomics.load(isStopped, 0) === 1) controller.abort();
    const { done, value } = await comparison.next();
    if (done) {
      const kind = participant.kind;
      const learned = participant.trials === 0; // or calibrated: judged as one that is used as it is
      return {
        key: keyOf(request, engine.version),
        commit,
        runs: value.runs.map(({ curve: _, ...result }) => ({ ...result, participant: kind })),
        summary: { task: task.name, ...value.summary[0]!, participant: kind, learned },
      };
    }
    if (Date.now() - toldAt < millisecondsBetweenMessages) continue;
    toldAt = Date.now();
    tell({ kind: "progress", done: value.run * steps + value.step + 1 });
  }
}

async function taskOf({ suite, task: name }: UnitRequest): Promise<Task> {
  if (loaded?.name === name) return loaded;
  loaded = undefined; // its memory, before the next one's
  const entry = findSuite(suite).find((task) => task.name === name)!;
  loaded = await entry.load(dataDirectory === undefined ? {} : { dataDirectory });
  return loaded;
}
