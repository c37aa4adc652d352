import type { Engine } from "../../engine/index.ts";
import { input, matMul, softmaxCrossEntropy } from "../../graph/index.ts";
import { metaStep } from "../../meta/index.ts";
import { cnnSmall, mlp784 } from "../../models/index.ts";
import type { Model } from "../../nn/index.ts";
import { Random } from "../../random.ts";
import { learnedSchedule, MetaLearner, presets } from "../../schedules/index.ts";
import { initialiseParameters } from "../../schedules/internal.ts";
import { Learner } from "../../training/index.ts";
import { memberSteps, populations } from "./population.ts";

/** Something to time. */
export type Workload = {
  name: string;
  unit: "µs" | "ms" | "member-steps/s";
  /** Iterations of one turn: about a quarter of a second. */
  iterations: number;
  /** Floating-point operations of an iteration, multiplications and additions of the matrix products alone. */
  flops?: number;
  /** The workload whose time `ratioToPlain` is taken against. */
  plain?: string;
  /** What an iteration counts for, where the figure is a rate: so many a second. */
  perIteration?: (engine: Engine) => number;
  prepare(engine: Engine): Promise<Prepared>;
};

/** One iteration, and what is to be done after the last. */
export type Prepared = { run: () => Promise<void> | void; close?: () => Promise<void> };

const batch = 128;

/** Matrix products of a training step: forward, towards the weights, and towards the inputs of all layers but the first. */
function stepFlops(layers: readonly number[]): number {
  const [first = 0, ...rest] = layers;
  return 2 * batch * (2 * first + 3 * rest.reduce((sum, products) => sum + products, 0));
}

const cnnFlops = stepFlops([32 * 32 * 16 * 27, 16 * 16 * 32 * 144, 8 * 8 * 64 * 288, 640]);

/** What `mlr-snet bench` times, in order. */
export const workloads: readonly Workload[] = [
  { name: "schedule-call", unit: "µs", iterations: 10_000, prepare: scheduleCall },
  {
    name: "step/mlp-784-256-10",
    unit: "ms",
    iterations: 200,
    flops: stepFlops([784 * 256, 2560]),
    prepare: (engine) => trainingStep(engine, mlp784, [784]),
  },
  {
    name: "step/cnn-small",
    unit: "ms",
    iterations: 8,
    flops: cnnFlops,
    prepare: (engine) => trainingStep(engine, cnnSmall, [3, 32, 32]),
  },
  {
    name: "update-iteration/cnn-small",
    unit: "ms",
    iterations: 4,
    flops: 2 * cnnFlops,
    plain: "step/cnn-small",
    prepare: updateIteration,
  },
  {
    name: "population/mlp-40-64-64-10",
    unit: "member-steps/s",
    iterations: 3,
    perIteration: ({ threads }) => memberSteps(threads),
    prepare: ({ threads }) => populations(threads),
  },
];

async function scheduleCall(): Promise<Prepared> {
  const cell = presets["meta-test"];
  const thetas = [initialiseParameters(cell, 0)];
  const schedule = learnedSchedule({
    cell,
    snapshots: { switchRule: "fractions", fractions: [0], thetas },
    provenance: {},
  });
  let state = schedule.init({ initialLoss: 2.3, classes: 10, totalSteps: 1e9 });
  let step = 0;
  const run = () => {
    ({ state } = schedule.next(state, { step: step++, loss: 1 + (step % 7) / 7 }));
  };
  return { run };
}

function createLearner(engine: Engine, model: Model, inputShape: number[]): Learner {
  const definition = { model, loss: softmaxCrossEntropy, optimizer: { kind: "sgd" as const }, inputShape };
  const learner = new Learner(engine, definition, batch, 0);
  const random = new Random(0, "bench");
  for (let i = 0; i < learner.batch.inputs.length; i++) learner.batch.inputs[i] = random.normal();
  for (let i = 0; i < batch; i++) learner.batch.labels[i] = random.integer(10);
  return learner;
}

async function trainingStep(engine: Engine, model: Model, inputShape: number[]): Promise<Prepared> {
  const learner = createLearner(engine, model, inputShape);
  const run = async () => {
    await learner.gradients();
    await learner.apply(1e-3);
  };
  return { run };
}

async function updateIteration(engine: Engine): Promise<Prepared> {
  const learner = createLearner(engine, cnnSmall, [3, 32, 32]);
  const cell = presets["image-meta-train"];
  const metaLearner = new MetaLearner({ cell, gamma: 1e-3 }, initialiseParameters(cell, 0));
  const validation = { inputs: learner.batch.inputs.slice(), labels: learner.batch.labels.slice() };
  const run = async () => {
    await metaStep(learner, metaLearner, validation);
  };
  return { run };
}

/** The speed of a 1024³ matrix product on this engine, in floating-point operations a second: the best of 20. */
export async function measurePeak(engine: Engine): Promise<number> {
  const side = 1024;
  const program = await engine.compile({ y: matMul(input("a", [side, side]), input("b", [side, side])) });
  const ones = new Float32Array(side * side).fill(1);
  const bound = program.bind({ a: ones, b: ones }, program.allocateOutputs());
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 20; round++) {
    const start = performance.now();
    await bound.run();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  await program.release();
  return (2 * side ** 3) / best;
}
