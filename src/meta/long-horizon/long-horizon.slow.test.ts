import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltPackage, buildPackage } from "../../../test/built-package.ts";
import { MlrSnetError } from "../../errors.ts";
import { presets } from "../../schedules/index.ts";
import type { LongHorizonState, LongHorizonTraining } from "./long-horizon.ts";
import { type LongHorizonOptions, longHorizonDefaults } from "./options.ts";

const options: LongHorizonOptions = {
  ...longHorizonDefaults,
  cell: presets.transfer,
  seed: 1,
  tasks: 5,
  pairs: 3,
  distribution: { shortest: 5, longest: 40 },
  window: 10,
};

let built: BuiltPackage;
let Training: typeof LongHorizonTraining;
beforeAll(async () => {
  built = await buildPackage();
  // Workers are files of the built package.
  const file = pathToFileURL(join(built.folder, "dist", "meta", "long-horizon", "long-horizon.js"));
  ({ LongHorizonTraining: Training } = await import(file.href));
});
afterAll(async () => {
  await built.remove();
});

type Result = { records: unknown[]; state: Omit<LongHorizonState, "seconds"> };

/** Three generations, the last one resumed on so many other workers. */
async function threeGenerations(
  estimator: LongHorizonOptions["estimator"],
  workers: number,
  later = workers,
): Promise<Result> {
  const records: unknown[] = [];
  let resume: LongHorizonState | undefined;
  for (const [count, until] of [
    [workers, 2],
    [later, 3],
  ] as const) {
    const training = await Training.create({
      ...options,
      estimator,
      workers: count,
      ...(resume && { resume }),
    });
    for await (const { seconds: _, ...record } of training.records()) {
      records.push(record);
      if (training.generation === until) break;
    }
    resume = await training.save();
    await training.release();
  }
  const { seconds: _, ...state } = resume!;
  return { records, state };
}

describe("LongHorizonTraining on workers", () => {
  it.each(["es", "pes"] as const)(
    "gives the same bits with %s on none, one, two and seven workers, more than there are tasks.",
    async (estimator) => {
      const expected = await threeGenerations(estimator, 0);
      expect(expected.state.evolution.generation).toBe(3);
      for (const [workers, later] of [
        [1, 1],
        [2, 2],
        [7, 0],
        [0, 2],
      ] as const)
        expect(await threeGenerations(estimator, workers, later)).toEqual(expected);
    },
  );

  it("says what a worker failed at, and ends.", async () => {
    const task = { reference: "no-such-task", steps: 20 };
    const training = await Training.create({ ...options, task, workers: 2 });
    const failing = training.records().next();
    await expect(failing).rejects.toMatchObject({
      code: "UNKNOWN_NAME",
      name: MlrSnetError.name,
      message: expect.stringContaining("no-such-task"),
    });
    await training.release();
  });

  it("refuses a cell without a form in the graph before any worker starts.", async () => {
    const creating = Training.create({ ...options, cell: presets["meta-test"], workers: 2 });
    await expect(creating).rejects.toThrow("one plain LSTM layer");
  });
});
