import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltPackage, buildPackage } from "../../test/built-package.ts";
import { MlrSnetError } from "../errors.ts";
import { presets } from "../schedules/index.ts";
import type { LongHorizonTraining } from "./long-horizon.ts";
import { type LongHorizonOptions, longHorizonDefaults } from "./long-horizon-options.ts";

const options: LongHorizonOptions = {
  ...longHorizonDefaults,
  cell: presets.transfer,
  seed: 1,
  tasks: 5,
  pairs: 3,
  distribution: { shortest: 5, longest: 40 },
};

let built: BuiltPackage;
let Training: typeof LongHorizonTraining;
beforeAll(async () => {
  built = await buildPackage();
  // Workers are files of the built package.
  const file = pathToFileURL(join(built.folder, "dist", "meta", "long-horizon.js"));
  ({ LongHorizonTraining: Training } = await import(file.href));
});
afterAll(async () => {
  await built.remove();
});

async function threeGenerations(workers: number) {
  const training = await Training.create({ ...options, workers });
  const records: unknown[] = [];
  for await (const { seconds: _, ...record } of training.records()) {
    records.push(record);
    if (training.generation === 3) break;
  }
  const { evolution } = training.save();
  await training.release();
  return { records, evolution };
}

describe("LongHorizonTraining on workers", () => {
  it("gives the same bits on none, one, two and seven workers, more than there are tasks.", async () => {
    const expected = await threeGenerations(0);
    expect(expected.evolution.generation).toBe(3);
    for (const workers of [1, 2, 7]) expect(await threeGenerations(workers)).toEqual(expected);
  });

  it("says what a worker failed at, and ends.", async () => {
    const cell = presets["meta-test"];
    const training = await Training.create({ ...options, cell, workers: 2 });
    const failing = training.records().next();
    await expect(failing).rejects.toThrow("one plain LSTM layer");
    await expect(failing).rejects.toMatchObject({ code: "INVALID_ARGUMENT", name: MlrSnetError.name });
    await training.release();
  });
});
