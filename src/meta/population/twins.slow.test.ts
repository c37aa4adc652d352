import { beforeAll, describe, expect, it } from "vitest";
import {
  type Acts,
  cell,
  cellFrom,
  definitionOf,
  expectTwins,
  newEngine,
  runOf,
  spec,
  test,
} from "../../../test/population-runs.ts";
import { type Dataset, generateData, StreamBatches } from "../../data/index.ts";
import { labelTypeOf } from "../../data/internal.ts";
import type { Engine } from "../../engine/index.ts";
import { add, concat, multiply, relu } from "../../graph/index.ts";
import { characterGru, cnn, cnnBatchNormalization, gru, type NetworkSpec } from "../../models/index.ts";
import { dropoutLayer, embeddingLayer, linearLayer, lstmLayer, type Model } from "../../nn/index.ts";
import { crossEntropy, loadTask, type OptimizerOptions, splitsOf } from "../../training/index.ts";
import { lossOf } from "../../training/internal.ts";
import type { PopulationDefinition } from "./trace.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await newEngine();
});

describe("a member of a population", () => {
  const optimizers: { title: string; optimizer: OptimizerOptions; start: number }[] = [
    { title: "plain gradients", optimizer: { kind: "sgd" }, start: 0.5 },
    { title: "decayed gradients", optimizer: { kind: "sgd", weightDecay: 0.03 }, start: 0.5 },
    { title: "momentum", optimizer: { kind: "sgd", momentum: 0.8, weightDecay: 0.03 }, start: 1 },
    { title: "Nesterov", optimizer: { kind: "sgd", momentum: 0.9, nesterov: true }, start: 2 },
    { title: "clipped gradients", optimizer: { kind: "sgd", clipNorm: 0.3 }, start: 3 },
    { title: "Adam", optimizer: { kind: "adam", betas: [0.8, 0.99] }, start: 3 },
    { title: "AdamW with its decay", optimizer: { kind: "adamw", weightDecay: 0.5 }, start: 3 },
  ];
  const forms = [
    { form: "by the batching rules", ...drawnForm(false) },
    { form: "by hand", ...drawnForm(true) },
  ];
  it.each(optimizers.flatMap((row) => forms.map((form) => ({ ...row, ...form }))))(
    "trains with $title as a run of its own does, made for a population $form, and is evaluated so.",
    async ({ optimizer, start, changes }) => {
      await expectTwins(engine, {
        definition: definitionOf({ ...changes, optimizer }),
        run: runOf(),
        evaluated: test,
        cell: cellFrom(start),
      });
    },
  );

  it("takes the numbers of its optimizer from the run where it gives them.", async () => {
    await expectTwins(engine, {
      definition: definitionOf({ optimizer: { kind: "sgd", momentum: 0.9, clipNorm: 1e30 } }),
      run: runOf({ momentum: 0.7, weightDecay: 0.02, clipNorm: 0.5 }),
      evaluated: test,
      cell: cellFrom(1),
      optimizer: { kind: "sgd", momentum: 0.7, weightDecay: 0.02, clipNorm: 0.5 },
    });
  });

  it("trains each member as a run of its own would with a cell of the sigmoid form and its γ.", async () => {
    await expectTwins(engine, {
      definition: definitionOf({ optimizer: { kind: "sgd" } }),
      run: runOf({ gamma: 0.3 }),
      evaluated: test,
      cell: { ...cell, output: "sigmoid" },
    });
  });

  it("evaluates a network with batch normalisation by its running statistics, as plain runs do.", async () => {
    const network: NetworkSpec = { ...spec, normalization: "batch" };
    await expectTwins(engine, {
      definition: definitionOf({}, network),
      run: runOf(),
      evaluated: test,
      cell: cellFrom(2),
    });
  });

  it.each<{ title: string; optimizer: OptimizerOptions; starts: number[] }>([
    { title: "plain gradients", optimizer: { kind: "sgd" }, starts: [60] },
    // The first skips most, the second goes back most.
    { title: "momentum", optimizer: { kind: "sgd", momentum: 0.9 }, starts: [95, 405] },
    { title: "Adam", optimizer: { kind: "adam" }, starts: [120] },
  ])("$title: skips steps and goes back to a copy as a run of its own does.", async (row) => {
    const { optimizer } = row;
    const all: Acts[] = [];
    for (const start of row.starts)
      all.push(
        await expectTwins(engine, {
          definition: definitionOf({ optimizer }),
          run: runOf(),
          evaluated: test,
          cell: cellFrom(start),
        }),
      );
    for (const kind of ["skip", "rollback"] as const)
      expect(all.reduce((sum, acts) => sum + acts[kind], 0)).toBeGreaterThan(3);
  });

  it("takes tokens as inputs.", async () => {
    const network: NetworkSpec = { ...spec, family: "bag", depth: 1, classes: 5 };
    const data = { seed: 3, examples: 500, classes: 5, labelNoise: 0, inputNoise: 0 };
    const generated = generateData({ kind: "markov", ...data });
    await expectTwins(engine, {
      definition: definitionOf({ inputShape: generated.train.inputShape, inputType: "int32" }, network),
      run: runOf({ train: generated.train }),
      evaluated: generated.validation,
      cell: cellFrom(2),
    });
  });

  const dropout: Model = (scope, x) => {
    const first = relu(linearLayer(scope.child("first"), dropoutLayer(scope.child("in"), x, 0.1), 24));
    const second = add(first, relu(linearLayer(scope.child("second"), first, 24)));
    return linearLayer(scope.child("third"), dropoutLayer(scope.child("out"), second, 0.5), 10);
  };
  it.each([
    { title: "the convolutional network of MNIST-1D", model: cnn },
    { title: "the one with batch normalisation", model: cnnBatchNormalization },
    { title: "the bidirectional GRU", model: gru },
    { title: "a residual network with dropout", model: dropout },
    {
      title: "one that shares weights and joins parts of a batch",
      model: (scope, x) => {
        const half = linearLayer(scope.child("one"), x, 8);
        const both = concat([half, linearLayer(scope.child("one"), multiply(x, -1), 8)], 1);
        return linearLayer(scope.child("last"), relu(both), 10);
      },
    },
  ] satisfies { title: string; model: Model }[])(
    "may be any model that one run trains: $title.",
    async ({ model }) => {
      const { together: _, ...definition } = definitionOf({ model, optimizer: { kind: "adam" } });
      await expectTwins(engine, { definition, run: runOf(), evaluated: test, cell: cellFrom(2) });
    },
  );

  it.each(["./examples/regression-task.mjs", "./examples/custom-task.mjs"])(
    "may be any task of a user's own: %s.",
    async (reference) => {
      const task = await loadTask(reference);
      const { train, validation } = splitsOf(task);
      const { model, optimizer, batchSize } = task;
      const { inputShape, labelsPerExample = 1 } = train;
      const form = { model, optimizer, batchSize, inputShape, labelsPerExample, loss: lossOf(task) };
      await expectTwins(engine, {
        definition: { ...form, inputType: "float32", labelType: labelTypeOf(train) },
        run: runOf({ train }),
        evaluated: validation,
        cell: cellFrom(0.5),
      });
    },
  );

  it("predicts each token of a text.", async () => {
    const [count, time] = [90, 6];
    const letters = Int32Array.from({ length: count * time }, (_, i) => (i * i) % 7);
    const text: Dataset = {
      name: "letters",
      inputs: letters,
      inputShape: [time],
      labels: letters.map((_, i) => letters[(i + 1) % letters.length]!),
      labelsPerExample: time,
      classes: 7,
    };
    const model = characterGru(7, 4, 5);
    const form = { model, inputShape: [time], inputType: "int32", labelsPerExample: time } as const;
    await expectTwins(engine, {
      definition: { ...form, loss: crossEntropy, optimizer: { kind: "adam" }, batchSize: 10 },
      run: runOf({ train: text }),
      evaluated: text,
      cell: cellFrom(3),
    });
  });

  it.each([0.5, 200])(
    "carries its own state through a text, and loses it where its rate is too large: start %s.",
    async (start) => {
      const [count, time] = [100, 5];
      const letters = Int32Array.from({ length: count * time }, (_, i) => (i * i + (i % 3)) % 7);
      const text: Dataset = {
        name: "stream",
        inputs: letters,
        inputShape: [time],
        labels: letters.map((_, i) => letters[(i + 1) % letters.length]!),
        labelsPerExample: time,
        classes: 7,
      };
      const model: Model = (scope, tokens) => {
        const vectors = embeddingLayer(scope.child("embedding"), tokens, 7, 4);
        return linearLayer(
          scope.child("linear"),
          lstmLayer(scope.child("lstm"), vectors, 6, { carry: true }),
          7,
        );
      };
      const form = { model, inputShape: [time], inputType: "int32", labelsPerExample: time } as const;
      const acts = await expectTwins(engine, {
        definition: { ...form, loss: crossEntropy, optimizer: { kind: "sgd" }, batchSize: 8 },
        // 12 windows a lane: the stream starts afresh in mid-run.
        run: runOf({ train: text, batches: new StreamBatches(text, { batchSize: 8 }) }),
        evaluated: text,
        cell: cellFrom(start),
        batches: "stream",
      });
      expect(acts.skip + acts.rollback > 0).toBe(start > 1);
    },
  );
});

/** The network of `spec`, with its form made by hand or without. */
function drawnForm(byHand: boolean): { changes: Partial<PopulationDefinition> } {
  return { changes: byHand ? {} : { together: undefined } };
}
