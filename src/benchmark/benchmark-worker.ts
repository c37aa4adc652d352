import { type Device, Engine, type LoweringRecord } from "../engine/index.ts";
import type { Task } from "../training/index.ts";
import type { StartWorker } from "../workers/index.ts";
import { evaluations } from "./benchmark-plan.ts";
import { type BenchmarkUnit, keyOf, type UnitRequest } from "./benchmark-unit.ts";
import { compare } from "./compare.ts";
import { candidateOf } from "./participants.ts";
import { findSuite } from "./suites.ts";

/* One core's share of a benchmark: told a unit, it does it and answers. */

/** What a worker is started with. */
export type BenchmarkSettings = {
  device: Device;
  /** Kept to by every worker, so that all do the same arithmetic. */
  plan: LoweringRecord;
  dataDirectory: string | undefined;
};

/** Updates made so far. */
export type UnitProgress = { done: number };

const millisecondsBetweenMessages = 100;

export const start: StartWorker<BenchmarkSettings, UnitRequest, BenchmarkUnit, UnitProgress> = async ({
  device,
  plan,
  dataDirectory,
}) => {
  const engine = await Engine.create({ device, threads: 1, plan });
  /** The last one used: units come task by task. */
  let loaded: Task | undefined;

  async function taskOf({ suite, task: name }: UnitRequest): Promise<Task> {
    if (loaded?.name === name) return loaded;
    loaded = undefined; // its memory, before the next one's
    const entry = findSuite(suite).find((task) => task.name === name)!;
    loaded = await entry.load(dataDirectory === undefined ? {} : { dataDirectory });
    return loaded;
  }

  return {
    async answer(request, { signal, progress }) {
      const { participant, seeds, seed, searchSeeds, keepsValidation, steps, taskHash, commit } = request;
      const task = await taskOf(request);
      const candidates = [await candidateOf(participant, task)];
      const comparison = compare({
        ...{ task, taskHash, commit, candidates, engine, seeds, seed, searchSeeds, steps, signal },
        ...{ keepsValidation, evaluations },
      });
      for (let toldAt = 0; ; ) {
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
        progress({ done: value.run * steps + value.step + 1 });
      }
    },
  };
};
