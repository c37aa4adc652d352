import { describe, expect, it } from "vitest";
import { exampleCount } from "../../data/index.ts";
import { inputTypeOf } from "../../data/internal.ts";
import { elements } from "../../graph/internal.ts";
import { architectures, definitionOf } from "./architectures.ts";
import { dataOf, drawTask, type MetaTask } from "./task-distribution.ts";

const many = Array.from({ length: 4000 }, (_, index) => drawTask(1, [Math.floor(index / 8), index % 8]));

/** Some task on each architecture. */
function taskOn(architecture: number, changes: Partial<MetaTask> = {}): MetaTask {
  return { ...drawTask(2, ["each", architecture]), architecture, ...changes };
}

describe("drawTask", () => {
  it("gives the same task for the same seed and path, and another for another.", () => {
    expect(drawTask(3, [5, 2])).toEqual(drawTask(3, [5, 2]));
    const texts = many.map((task) => JSON.stringify(task));
    expect(new Set(texts).size).toBe(texts.length);
    expect(drawTask(4, [5, 2])).not.toEqual(drawTask(3, [5, 2]));
  });

  it("keeps every field in its range, and survives JSON.", () => {
    for (const task of many) {
      expect(JSON.parse(JSON.stringify(task))).toEqual(task);
      expect(architectures[task.architecture]).toBeDefined();
      expect(Number.isInteger(task.steps) && task.steps >= 20).toBe(true);
      expect(task.steps).toBeLessThanOrEqual(architectures[task.architecture]!.longest);
      expect(Number.isInteger(task.seed) && task.seed >= 0).toBe(true);
      expect([1000, 2000, 4000]).toContain(task.examples);
      expect(task.labelNoise >= 0 && task.labelNoise < 0.5).toBe(true);
      expect(task.inputNoise >= 0 && task.inputNoise < 0.7).toBe(true);
      expect(task.initialScale >= 0.5 && task.initialScale <= 2).toBe(true);
      expect(task.inputScale >= 0.5 && task.inputScale <= 4).toBe(true);
      expect([0.8, 0.9, 0.95]).toContain(task.momentum);
      expect(task.weightDecay === 0 || (task.weightDecay >= 1e-5 && task.weightDecay <= 3e-3)).toBe(true);
    }
  });

  it("draws every architecture with every optimizer.", () => {
    const kinds = new Set(many.map(({ architecture, optimizer }) => `${architecture} ${optimizer}`));
    expect(kinds.size).toBe(architectures.length * 3);
  });

  it("draws horizons from 20 to 2000, as many to a doubling.", () => {
    const long = many.filter(({ architecture }) => architectures[architecture]!.longest === 2000);
    const horizons = long.map(({ steps }) => steps);
    expect(Math.min(...horizons)).toBeLessThan(23);
    expect(Math.max(...horizons)).toBeGreaterThan(1800);
    for (const [low, high] of [
      [20, 63],
      [63, 200],
      [200, 632],
      [632, 2000],
    ] as const) {
      const share = horizons.filter((steps) => steps >= low && steps < high).length / horizons.length;
      expect(Math.abs(share - 0.25), `${low} to ${high}`).toBeLessThan(0.05);
    }
  });

  it("leaves noise, scale and decay out of some tasks.", () => {
    for (const [field, absent] of [
      ["labelNoise", 0],
      ["inputNoise", 0],
      ["initialScale", 1],
      ["weightDecay", 0],
      ["inputScale", 1],
    ] as const) {
      const share = many.filter((task) => task[field] === absent).length / many.length;
      expect(share > 0.25 && share < 0.65, `${field}: ${share}`).toBe(true);
    }
  });

  it("keeps to the horizons that it is told, and draws the same otherwise.", () => {
    for (let index = 0; index < 200; index++) {
      const task = drawTask(1, [0, index], { shortest: 5, longest: 10 });
      expect(task.steps >= 5 && task.steps <= 10).toBe(true);
      expect({ ...drawTask(1, [0, index]), steps: task.steps }).toEqual(task);
    }
  });
});

describe("dataOf", () => {
  it.each([...architectures.entries()].map(([index, { name }]) => ({ index, name })))(
    "$name: fits what the network reads.",
    ({ index }) => {
      const task = taskOn(index, { examples: 500 });
      const architecture = architectures[index]!;
      const definition = definitionOf(architecture, "sgd");
      const { train, validation } = dataOf(task);
      expect([exampleCount(train), exampleCount(validation)]).toEqual([500, 500]);
      for (const dataset of [train, validation]) {
        expect(dataset.inputShape).toEqual(definition.inputShape);
        expect(inputTypeOf(dataset)).toBe(definition.inputType ?? "float32");
        expect(dataset.inputs).toHaveLength(500 * elements(definition.inputShape));
        expect(dataset.inputs.every(Number.isFinite)).toBe(true);
      }
      if (architecture.kind === "network") {
        const { classes, vocabulary } = architecture.network;
        expect(new Set(train.labels)).toEqual(new Set(Array(classes).keys()));
        const { inputs } = train;
        if (inputs instanceof Int32Array)
          expect(inputs.every((token) => token >= 0 && token < vocabulary!)).toBe(true);
      }
    },
  );

  it("gives the same data for the same task.", () => {
    for (const index of [0, architectures.length - 1])
      expect(dataOf(taskOn(index))).toEqual(dataOf(taskOn(index)));
  });

  it("multiplies inputs that are numbers, and leaves tokens.", () => {
    const tokens = architectures.findIndex(
      (architecture) => "data" in architecture && architecture.data === "markov",
    );
    for (const [architecture, factor] of [
      [0, 3],
      [tokens, 1],
    ] as const) {
      const [plain, scaled] = [1, 3].map((inputScale) => dataOf(taskOn(architecture, { inputScale })));
      for (const part of ["train", "validation"] as const) {
        const expected = plain![part].inputs.map((input) => factor * input);
        expect(scaled![part].inputs).toEqual(expected);
        expect(scaled![part].labels).toEqual(plain![part].labels);
      }
    }
  });

  it("puts label noise into the training labels alone.", () => {
    const clean = dataOf(taskOn(0, { labelNoise: 0 }));
    const noisy = dataOf(taskOn(0, { labelNoise: 0.4 }));
    expect(noisy.validation).toEqual(clean.validation);
    const changed = noisy.train.labels.filter((label, index) => label !== clean.train.labels[index]);
    // Of 40 % a tenth keeps its label by chance.
    expect(Math.abs(changed.length / clean.train.labels.length - 0.36)).toBeLessThan(0.04);
  });
});
