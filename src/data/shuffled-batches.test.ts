import { describe, expect, it } from "vitest";
import type { Dataset } from "./dataset.ts";
import { ShuffledBatches } from "./shuffled-batches.ts";

/** `count` examples; example i holds [i, i + 1000] and the label i mod 2. */
function counted(count: number): Dataset {
  return {
    name: "counted",
    inputs: Float32Array.from({ length: 2 * count }, (_, index) => (index >> 1) + 1000 * (index % 2)),
    inputShape: [2],
    labels: Int32Array.from({ length: count }, (_, index) => index % 2),
    classes: 2,
  };
}

/** The examples of a batch by their number. */
function batch(loader: ShuffledBatches, step: number): number[] {
  const inputs = new Float32Array(2 * loader.batchSize);
  const labels = new Int32Array(loader.batchSize);
  loader.fill(step, inputs, labels);
  const examples = [...inputs].filter((_, index) => index % 2 === 0);
  expect([...labels]).toEqual(examples.map((example) => example % 2));
  expect([...inputs].filter((_, index) => index % 2 === 1)).toEqual(
    examples.map((example) => example + 1000),
  );
  return examples;
}

describe("ShuffledBatches", () => {
  it("shows every example once an epoch where the batch size divides the set", () => {
    const loader = new ShuffledBatches(counted(12), { batchSize: 4, seed: 1 });
    expect(loader.stepsPerEpoch).toBe(3);
    const epochs = [0, 1].map((epoch) => [0, 1, 2].flatMap((step) => batch(loader, 3 * epoch + step)));
    for (const epoch of epochs)
      expect([...epoch].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, index) => index));
    expect(epochs[0]).not.toEqual(epochs[1]);
  });

  it("leaves the incomplete last batch out and goes on with the next epoch", () => {
    const loader = new ShuffledBatches(counted(10), { batchSize: 4, seed: 1 });
    expect(loader.stepsPerEpoch).toBe(2);
    const epoch = [...batch(loader, 0), ...batch(loader, 1)];
    expect(new Set(epoch).size).toBe(8);
    expect(new Set([...batch(loader, 2), ...batch(loader, 3)]).size).toBe(8);
  });

  it("gives the batch of a step whatever was asked before, so that a resume needs only the step", () => {
    const options = { batchSize: 3, seed: 5 };
    const through = new ShuffledBatches(counted(10), options);
    const all = Array.from({ length: 12 }, (_, step) => batch(through, step));
    for (const step of [11, 4, 7])
      expect(batch(new ShuffledBatches(counted(10), options), step)).toEqual(all[step]);
    expect(batch(through, 2)).toEqual(all[2]);
  });

  it("gives another order for another seed", () => {
    const first = batch(new ShuffledBatches(counted(100), { batchSize: 100, seed: 1 }), 0);
    expect(batch(new ShuffledBatches(counted(100), { batchSize: 100, seed: 2 }), 0)).not.toEqual(first);
  });

  it("refuses a batch larger than the set and says how large it may be", () => {
    for (const batchSize of [11, 0, 2.5, Number.NaN])
      expect(() => new ShuffledBatches(counted(10), { batchSize, seed: 0 })).toThrow(
        expect.objectContaining({
          code: "INVALID_ARGUMENT",
          message: `Expected \`batchSize\` to be 1 to 10, the size of data set \`counted\`, got ${batchSize}.`,
        }),
      );
  });

  it("refuses a negative step and buffers of another length", () => {
    const loader = new ShuffledBatches(counted(10), { batchSize: 2, seed: 0 });
    expect(() => loader.fill(-1, new Float32Array(4), new Int32Array(2))).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
    for (const [inputs, labels] of [
      [3, 2],
      [4, 3],
    ] as const)
      expect(() => loader.fill(0, new Float32Array(inputs), new Int32Array(labels))).toThrow(
        expect.objectContaining({ code: "SHAPE_MISMATCH" }),
      );
  });
});
