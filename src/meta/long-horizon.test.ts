import { afterEach, describe, expect, it } from "vitest";
import { decodeSchedule, parameterCount, presets } from "../schedules/index.ts";
import { encodeSchedule } from "../schedules/writer.ts";
import { LongHorizonTraining } from "./long-horizon.ts";
import { type LongHorizonOptions, longHorizonDefaults } from "./long-horizon-options.ts";

const tiny: LongHorizonOptions = {
  ...longHorizonDefaults,
  cell: presets.transfer,
  seed: 5,
  tasks: 2,
  pairs: 2,
  distribution: { shortest: 5, longest: 10 },
};

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
  const made: unknown[] = [];
  for await (const { seconds, ...record } of training.records()) {
    expect(seconds).toBeGreaterThanOrEqual(0);
    if (made.push(record) === count) break;
  }
  return made;
}

describe("LongHorizonTraining", () => {
  it("gives the same θ, average and records when it is run again, and others for another seed.", async () => {
    const [first, second] = [await create(tiny), await create(tiny)];
    const other = await create({ ...tiny, seed: 6 });
    const records = await generations(first, 3);
    expect(await generations(second, 3)).toEqual(records);
    expect(second.save().evolution).toEqual(first.save().evolution);
    await generations(other, 1);
    expect(other.theta).not.toEqual(first.theta);
    expect(records.map((record) => (record as { generation: number }).generation)).toEqual([0, 1, 2]);
    expect(first.generation).toBe(3);
  });

  it("goes on from its state after two generations to the same third, bit for bit, through JSON.", async () => {
    const whole = await create(tiny);
    const records = await generations(whole, 3);
    const part = await create(tiny);
    await generations(part, 2);
    const resume = JSON.parse(JSON.stringify(part.save()));
    const resumed = await create({ ...tiny, resume });
    expect(resumed.generation).toBe(2);
    expect(await generations(resumed, 1)).toEqual(records.slice(2));
    expect(resumed.save().evolution).toEqual(whole.save().evolution);
    expect(resumed.theta).toEqual(whole.theta);
    expect(resumed.seconds).toBeGreaterThan(part.seconds);
  });

  it("records a finite value and gradient, and each task with its own.", async () => {
    const training = await create(tiny);
    const before = training.theta;
    const [record] = (await generations(training, 1)) as Record<string, unknown>[];
    expect(record).toMatchObject({
      value: expect.any(Number),
      diverged: 0,
      gradientNorm: expect.any(Number),
      tasks: [
        { task: expect.any(String), value: expect.any(Number), diverged: 0 },
        { task: expect.any(String), value: expect.any(Number), diverged: 0 },
      ],
    });
    const { value, gradientNorm, tasks } = record as {
      value: number;
      gradientNorm: number;
      tasks: { task: string; value: number }[];
    };
    expect(value).toBeCloseTo((tasks[0]!.value + tasks[1]!.value) / 2, 12);
    expect(gradientNorm).toBeGreaterThan(0);
    for (const { task } of tasks) expect(task).toMatch(/ (sgd|momentum|adam) ([5-9]|10)$/);
    expect(training.theta).not.toEqual(before);
  });

  it("starts with a readout of zero: a rate that keeps still.", async () => {
    const { theta } = await create(tiny);
    expect(theta).toHaveLength(parameterCount(tiny.cell));
    const readout = theta.slice(-tiny.cell.hidden - 1);
    expect([...readout].every((value) => value === 0)).toBe(true);
    expect(theta.slice(0, -tiny.cell.hidden - 1).every((value) => value !== 0)).toBe(true);
  });

  it("gives a schedule file of the average with what made it.", async () => {
    const training = await create(tiny);
    await generations(training, 1);
    const { cell, snapshots, provenance } = decodeSchedule(
      encodeSchedule(training.schedule({ note: "test" })),
    );
    expect(cell).toEqual(tiny.cell);
    expect(snapshots.thetas.map((theta) => Float32Array.from(theta))).toEqual([
      Float32Array.from(training.theta),
    ]);
    const { cell: _, ...recipe } = tiny;
    expect(provenance).toMatchObject({ recipe: "long-horizon", ...recipe, generations: 1, note: "test" });
  });
});
