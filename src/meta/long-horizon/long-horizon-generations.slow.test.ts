import { afterEach, describe, expect, it } from "vitest";
import { decodeSchedule, parameterCount, presets } from "../../schedules/index.ts";
import { encodeSchedule } from "../../schedules/internal.ts";
import { drawTask } from "../tasks/task-distribution.ts";
import { checkSameOptions, decodeLongHorizonCheckpoint, encodeLongHorizonCheckpoint } from "./checkpoint.ts";
import { type LongHorizonRecord, LongHorizonTraining } from "./long-horizon.ts";
import { type LongHorizonOptions, longHorizonDefaults } from "./options.ts";
import { describeTask } from "./task-estimator.ts";

const tiny: LongHorizonOptions = {
  ...longHorizonDefaults,
  cell: presets.transfer,
  seed: 5,
  tasks: 2,
  pairs: 2,
  distribution: { shortest: 5, longest: 10 },
  window: 3,
};
const estimators = ["es", "pes"] as const;

const trainings: LongHorizonTraining[] = [];
afterEach(async () => {
  for (const training of trainings.splice(0)) await training.release();
});

async function create(...args: Parameters<typeof LongHorizonTraining.create>): Promise<LongHorizonTraining> {
  const training = await LongHorizonTraining.create(...args);
  trainings.push(training);
  return training;
}

/** The records of so many generations, without the time that they took. */
async function generations(training: LongHorizonTraining, count: number) {
  const made: Omit<LongHorizonRecord, "seconds">[] = [];
  for await (const { seconds, ...record } of training.records()) {
    expect(seconds).toBeGreaterThanOrEqual(0);
    if (made.push(record) === count) break;
  }
  return made;
}

describe("LongHorizonTraining", () => {
  it.each(estimators)(
    "gives the same θ, average and records with %s when it is run again, from a checkpoint after two generations.",
    async (estimator) => {
      const options = { ...tiny, estimator };
      const whole = await create(options);
      const records = await generations(whole, 3);
      expect(records.map(({ step }) => step)).toEqual([0, 1, 2]);
      const part = await create(options);
      expect(await generations(part, 2)).toEqual(records.slice(0, 2));
      const saved = await part.save();
      const bytes = encodeLongHorizonCheckpoint({ options, runtime: "test", state: saved });
      const { state: resume, ...rest } = decodeLongHorizonCheckpoint(bytes);
      expect(rest).toEqual({ options, runtime: "test" });
      checkSameOptions(rest.options, options);
      const resumed = await create({ ...options, resume });
      expect(resumed.generation).toBe(2);
      expect(await generations(resumed, 1)).toEqual(records.slice(2));
      expect(await resumed.save()).toEqual({ ...(await whole.save()), seconds: resumed.seconds });
      expect(resumed.theta).toEqual(whole.theta);
      expect(resumed.seconds).toBeGreaterThan(part.seconds);
      // Runs are under way between generations with windows alone.
      const steps = Object.values(saved.kept).map(({ data }) => (data as { step: number | null }).step);
      expect(steps.filter((step) => step !== null).length > 0).toBe(estimator === "pes");
    },
  );

  it("says which option of a checkpoint is another.", () => {
    expect(() => checkSameOptions({ ...tiny, pairs: 3 }, tiny)).toThrow(
      "with pairs 2, but the checkpoint has 3",
    );
    const { distribution } = longHorizonDefaults;
    expect(() => checkSameOptions(tiny, { ...tiny, distribution })).toThrow(/distribution/);
  });

  it("moves otherwise for another seed from the same θ.", async () => {
    const [first, second] = [await create(tiny), await create({ ...tiny, seed: 6 })];
    const resume = await first.save();
    const other = await create({ ...tiny, seed: 6, resume });
    expect(other.theta).toEqual(first.theta);
    expect(second.theta).not.toEqual(first.theta);
    await generations(first, 1);
    await generations(other, 1);
    expect(other.theta).not.toEqual(first.theta);
  });

  it("records a finite value and gradient, and each task with its own.", async () => {
    const training = await create(tiny);
    const before = training.theta;
    for (const { step, value, gradientNorm, diverged, tasks } of await generations(training, 3)) {
      // In the order of the tasks, in whatever order they were done.
      const drawn = tasks.map((_, index) => drawTask(tiny.seed, [step, index], tiny.distribution));
      expect(tasks.map(({ task }) => task)).toEqual(drawn.map(describeTask));
      expect(value).toBeCloseTo(tasks.reduce((sum, { value }) => sum + value!, 0) / 2, 12);
      expect(gradientNorm).toBeGreaterThan(0);
      expect([diverged, ...tasks.map(({ diverged }) => diverged)]).toEqual([0, 0, 0]);
    }
    expect(training.theta).not.toEqual(before);
  });

  it("starts with a readout that reads nothing: a rate that rises whatever the losses, or p = 1/2 in the sigmoid form.", async () => {
    const { theta } = await create(tiny);
    expect(theta).toHaveLength(parameterCount(tiny.cell));
    expect([...theta.slice(-tiny.cell.hidden - 1, -1)].every((value) => value === 0)).toBe(true);
    expect(theta.at(-1)).toBe(0.6);
    const sigmoid = await create({ ...tiny, cell: { ...tiny.cell, output: "sigmoid" } });
    expect([...sigmoid.theta.slice(-tiny.cell.hidden - 1)].every((value) => value === 0)).toBe(true);
    expect(theta.slice(0, -tiny.cell.hidden - 1).every((value) => value !== 0)).toBe(true);
  });

  it("gives a schedule file of the average with what made it.", async () => {
    const training = await create(tiny);
    await generations(training, 2);
    const { cell, snapshots, provenance } = decodeSchedule(
      encodeSchedule(training.schedule({ note: "test" })),
    );
    expect(cell).toEqual(tiny.cell);
    expect(snapshots.thetas.map((theta) => Float32Array.from(theta))).toEqual([
      Float32Array.from(training.theta),
    ]);
    const { cell: _, ...recipe } = tiny;
    expect(provenance).toMatchObject({ recipe: "long-horizon", ...recipe, generations: 2, note: "test" });
  });
});
