import { beforeAll, describe, expect, it } from "vitest";
import * as benchmark from "../src/benchmark/index.ts";
import { learnVariants } from "../src/benchmark/internal.ts";
import * as data from "../src/data/index.ts";
import { Engine } from "../src/engine/index.ts";
import { averagePool, conv, input, matMul, maxPool, reduceMean } from "../src/graph/index.ts";
import * as meta from "../src/meta/index.ts";
import { checkLongHorizonOptions, EvolutionStrategy } from "../src/meta/internal.ts";
import * as nn from "../src/nn/index.ts";
import { Scope } from "../src/nn/index.ts";
import {
  populationBatchNormalization,
  populationConvolution,
  populationEmbedding,
  populationLayerNormalization,
  populationLinear,
} from "../src/nn/internal.ts";
import { writeReport } from "../src/report/index.ts";
import * as core from "../src/schedules/index.ts";
import * as training from "../src/training/index.ts";
import { checkTask, findTask } from "../src/training/internal.ts";

const x = input("x", [2, 4]);
const image = input("image", [2, 3, 8, 8]);
const tokens = input("tokens", [2, 4], "int32");
const scope = () => new Scope("train");
const population = () => new Scope("train", 2);
const columns = input("columns", [2, 4, 3]);
const base = core.constant({ baseRate: 1 });
const cell = core.presets.transfer;

/** A call with one name misspelt; typed loosely, as JavaScript calls it. */
type Call = (options: Record<string, unknown>) => unknown;
type Door = [door: string, wrong: string, nearest: string, call: Call];

/** Every place that takes options from a user: the misspelt name, and the one that is meant. */
const doors: readonly Door[] = [
  // Schedules, by their functions and by the catalogue.
  ...core.catalogue.map(
    ({ name, create }): Door => [`catalogue ${name}`, "baseRat", "baseRate", (o) => create(1, o)],
  ),
  ["cosine", "floorFactor", "floorFraction", (o) => core.cosine({ baseRate: 1, ...o })],
  ["exponential", "staircases", "staircase", (o) => core.exponential({ baseRate: 1, ...o })],
  ["polynomial", "powers", "power", (o) => core.polynomial({ baseRate: 1, ...o })],
  ["oneCycle", "riseFractoin", "riseFraction", (o) => core.oneCycle({ baseRate: 1, ...o })],
  ["multiStep", "drop", "drops", (o) => core.multiStep({ baseRate: 1, ...o })],
  ["sgdr", "multipliers", "multiplier", (o) => core.sgdr({ baseRate: 1, ...o })],
  ["sgdrBudget", "firstcycle", "firstCycle", (o) => core.sgdrBudget({ baseRate: 1, ...o })],
  ["warmupStableDecay", "warmUp", "warmup", (o) => core.warmupStableDecay({ baseRate: 1, ...o })],
  ["inverseSquareRoot", "warmups", "warmup", (o) => core.inverseSquareRoot({ baseRate: 1, ...o })],
  ["reduceOnPlateau", "patiance", "patience", (o) => core.reduceOnPlateau({ baseRate: 1, ...o })],
  ["hypergradientDescent", "hyperrate", "hyperRate", (o) => core.hypergradientDescent({ baseRate: 1, ...o })],
  ["l4", "epsilom", "epsilon", (o) => core.l4({ baseRate: 1, ...o })],
  ["warmup", "startfraction", "startFraction", (o) => core.warmup(base, { steps: 3, ...o })],
  ["annealToZero", "shapes", "shape", (o) => core.annealToZero(base, { steps: 3, ...o })],
  ["a span", "epoch", "epochs", (o) => core.exponential({ baseRate: 1, per: { steps: 3, ...o } })],
  ["a run's context", "totalStep", "totalSteps", (o) => new core.ScheduleRunner(base, { ...o })],
  [
    "MetaLearner",
    "class",
    "classes",
    (o) => new core.MetaLearner({ cell, ...o } as never, new Float64Array(0)),
  ],
  [
    "Adam of MetaLearner",
    "beta3",
    "beta1",
    (o) => new core.MetaLearner({ cell, adam: { ...core.paperAdam, ...o } } as never, new Float64Array(0)),
  ],
  // Operators that models use.
  ["maxPool", "strides", "stride", (o) => maxPool(image, { kernel: 2, ...o })],
  ["averagePool", "paddding", "padding", (o) => averagePool(image, { kernel: 2, ...o })],
  ["conv", "group", "groups", (o) => conv(image, input("w", [4, 3, 3, 3]), { ...o })],
  ["matMul", "transposeb", "transposeB", (o) => matMul(x, x, { ...o })],
  ["reduceMean", "keepDimension", "keepDimensions", (o) => reduceMean(x, [0], { ...o })],
  // Layers.
  ["linearLayer", "initialize", "initialise", (o) => nn.linearLayer(scope(), x, 3, { ...o })],
  [
    "convolutionLayer",
    "paddding",
    "padding",
    (o) => nn.convolutionLayer(scope(), image, 4, 3, { stride: 2, ...o }),
  ],
  ["convolutionLayer", "strides", "stride", (o) => nn.convolutionLayer(scope(), image, 4, 3, { ...o })],
  [
    "batchNormalizationLayer",
    "momentun",
    "momentum",
    (o) => nn.batchNormalizationLayer(scope(), image, { ...o }),
  ],
  ["embeddingLayer", "initializer", "initialise", (o) => nn.embeddingLayer(scope(), tokens, 9, 2, { ...o })],
  ["gruLayer", "bidirectionl", "bidirectional", (o) => nn.gruLayer(scope(), columns, 3, { ...o })],
  ["lstmLayer", "biDirectional", "bidirectional", (o) => nn.lstmLayer(scope(), columns, 3, { ...o })],
  ["populationLinear", "biass", "bias", (o) => populationLinear(population(), columns, 3, { ...o })],
  [
    "populationEmbedding",
    "initialize",
    "initialise",
    (o) => populationEmbedding(population(), x, 3, { ...o }),
  ],
  [
    "populationConvolution",
    "pad",
    "padding",
    (o) => populationConvolution(population(), columns, 3, [1], { ...o }),
  ],
  [
    "populationBatchNormalization",
    "eps",
    "epsilon",
    (o) => populationBatchNormalization(population(), columns, { ...o }),
  ],
  [
    "populationLayerNormalization",
    "axes",
    "axis",
    (o) => populationLayerNormalization(population(), columns, { ...o }),
  ],
  // Data.
  ["listDatasets", "datadir", "dataDir", (o) => data.listDatasets({ ...o })],
  ["loadDataset", "downloads", "download", (o) => data.loadDataset("mnist1d", { ...o })],
  ["fetchDataset", "datadir", "dataDir", (o) => data.fetchDataset("mnist1d", { ...o })],
  ["loadCifar10", "batch", "batches", (o) => data.loadCifar10(data.cifar10Source, { ...o })],
  ["loadSmsSpam", "forms", "form", (o) => data.loadSmsSpam(data.smsSpamSource, { ...o })],
  ["loadText", "windows", "window", (o) => data.loadText(data.tinyShakespeareSource, { ...o })],
  ["generateMnist1d", "example", "examples", (o) => data.generateMnist1d({ ...o })],
  ["generateData", "labelnoise", "labelNoise", (o) => data.generateData({ kind: "images", ...o } as never)],
  [
    "ShuffledBatches",
    "batchsize",
    "batchSize",
    (o) => new data.ShuffledBatches(data.generateMnist1d().train, o as never),
  ],
  [
    "a data set",
    "labelPerExample",
    "labelsPerExample",
    (o) => data.checkDataset({ ...data.generateMnist1d().train, ...o }),
  ],
  // Training, comparisons, meta-training, engine, report.
  ["optimizer", "momentun", "momentum", (o) => checkTask({ ...task, optimizer: { kind: "sgd", ...o } })],
  ["loadTask", "dataDir", "dataDirectory", (o) => training.loadTask("mnist1d/mlp", o)],
  ["TrainingRun", "evaluateEach", "evaluateEvery", (o) => new training.TrainingRun({ task, ...o } as never)],
  ["judgedRun", "judgOn", "judgeOn", (o) => benchmark.judgedRun({ task, data: {}, ...o } as never).next()],
  ["compare", "seds", "seeds", (o) => benchmark.compare(o as never).next()],
  ["benchmark", "trial", "trials", (o) => benchmark.benchmark({ ...o }).next()],
  ["guardCost", "network", "networks", (o) => benchmark.guardCost({ ...o } as never).next()],
  ["reference", "network", "networks", (o) => benchmark.reference({ ...o } as never).next()],
  ["learnVariants", "generation", "generations", (o) => learnVariants(o as never).next()],
  ["MetaTrainingRun", "presets", "preset", (o) => new meta.MetaTrainingRun(o as never)],
  [
    "EvolutionStrategy",
    "weightdecay",
    "weightDecay",
    (o) => new EvolutionStrategy(o as never, new Float64Array(1)),
  ],
  [
    "long-horizon",
    "pair",
    "pairs",
    (o) => checkLongHorizonOptions({ cell, ...meta.longHorizonDefaults, ...o } as never),
  ],
  [
    "distribution",
    "longst",
    "longest",
    (o) => checkLongHorizonOptions({ cell, seed: 0, ...meta.longHorizonDefaults, distribution: o }),
  ],
  ["Population.create", "member", "members", (o) => meta.Population.create(o as never)],
  ["Engine.create", "thread", "threads", (o) => Engine.create({ ...o })],
  ["writeReport", "templates", "template", (o) => writeReport({} as never, "none.html", { ...o })],
];

let task: training.Task;
beforeAll(async () => {
  task = await findTask("mnist1d/mlp").load();
});

describe("a misspelt option", () => {
  it.each(doors)("is refused by %s: `%s` for `%s`", async (_door, wrong, nearest, call) => {
    const attempt = async () => await call({ [wrong]: 1 });
    await expect(attempt()).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(`got \`${wrong}\`. Did you mean \`${nearest}\`?`),
    });
  });

  it("is refused by a learned schedule, and in how it reads losses", async () => {
    const learned = await core.MlrSnet.load("zoo:paper");
    for (const options of [{ gama: 1 }, { reading: { input: [] } }])
      expect(() => learned.schedule(options as never)).toThrow(/Did you mean `(gamma|inputs)`\?$/);
  });

  it("is not suggested a name where none is near, and options that are no object are refused", () => {
    expect(() => core.cosine({ baseRate: 1, xyzzy: 2 } as never)).toThrow(
      /^Expected the options of `cosine` to be an object of baseRate, floorFraction, got `xyzzy`\.$/,
    );
    for (const wrong of [undefined, null, 0.1, "0.1", [0.1]])
      expect(() => core.cosine(wrong as never)).toThrow(/to be an object of baseRate, floorFraction, got /);
    for (const { create } of core.catalogue)
      expect(() => create(1, 5 as never)).toThrow(/to be an object of baseRate/);
  });
});
