import { Random } from "../src/random.ts";
import type { CurvePoint, ReportComparison, ReportData, ReportRun, SummaryRow } from "../src/report/index.ts";

/** Invented numbers that look like a demo's, for tests of the report's layout. They are no result of anything. */
export function sampleReport(): ReportData {
  return {
    title: "What a learned schedule does on MNIST-1D",
    lead: "Two learned schedules drive two networks as they are, beside nine made by hand. All numbers are invented.",
    generated: {
      date: "2026-11-23T17:20:00.000Z",
      command: "mlr-snet demo --seed 0",
      seconds: 151.2,
      machine: { cpu: "Example CPU", cores: 2, node: "v20.20.2", platform: "linux x64" },
      versions: { "mlr-snet": "0.1.0", "onnxruntime-node": "1.30.0" },
      seeds: [0, 1, 2],
    },
    metaTraining: metaTraining(),
    response: {
      schedule: "mlr-snet",
      losses: Array.from({ length: 60 }, (_, index) => 0.002 * 1.148 ** index),
      curves: [
        { snapshot: "start", p: responseTo(0.62, 0.003) },
        { snapshot: "first third", p: responseTo(0.31, 0.03) },
        { snapshot: "end", p: responseTo(0.08, 0.004) },
      ],
      note: "Read on the first call, with an empty memory.",
    },
    comparisons: [
      comparison("mnist1d/cnn", "Another network: a convolutional net", 1200, 0.9, 1),
      comparison("mnist1d/mlp", "A longer training: MLP, five times the steps", 3000, 0.68, 2),
    ],
    verdicts: [
      {
        topic: "Another network",
        text: "On the CNN, MLR-SNet ends at 86.1 % and tuned cosine at 89.9 %: the learned schedule is 3.8 points behind.",
        outcome: "behind",
      },
      {
        topic: "A longer training",
        text: "On the longer MLP training, the seeds cannot say whether MLR-SNet or the tuned constant rate is better.",
        outcome: "inconclusive",
      },
      {
        topic: "A longer training",
        text: "It needs no tuning run, where each schedule made by hand took seven.",
        outcome: null,
      },
    ],
    usage: {
      schedule: "mlr-snet",
      file: "mlr-snet-demo/schedule.safetensors",
      code: [
        'import { MlrSnet } from "mlr-snet";',
        "",
        'const schedule = await MlrSnet.load("mlr-snet-demo/schedule.safetensors");',
        "const run = schedule.start({ classes: 10, totalSteps: 2000 });",
        "for (const batch of batches) {",
        "  const loss = model.forward(batch);",
        "  optimizer.learningRate = run.next({ loss }); // the rate of this step",
        "  optimizer.step();",
        "}",
      ].join("\n"),
      shell: [
        "# on another task",
        "npx mlr-snet transfer --schedule mlr-snet-demo/schedule.safetensors --task mnist1d/gru",
        "npx mlr-snet inspect mlr-snet-demo/schedule.safetensors",
      ].join("\n"),
    },
  };
}

const responseTo = (level: number, slope: number): number[] =>
  Array.from({ length: 60 }, (_, index) => level + slope * Math.tanh((index - 30) / 12));

function metaTraining(): ReportData["metaTraining"] {
  const random = new Random(0, "meta-training");
  return {
    title: "60 generations · 35 s",
    note: "Each generation draws eight tasks, lets sixteen schedules drive a training of each, and moves towards the best.",
    settings: { "LSTM units": 4, generations: 60, seed: 0 },
    records: Array.from({ length: 60 }, (_, step) => ({
      step,
      value: -0.1 - 0.4 * (1 - Math.exp(-step / 15)) + 0.12 * random.normal(),
      diverged: Math.max(0, 0.02 * random.normal()),
    })),
  };
}

type Shape = {
  schedule: string;
  label: string;
  rate: (progress: number) => number;
  quality: number;
  learned?: boolean;
};

const shapes: Shape[] = [
  {
    schedule: "mlr-snet",
    label: "MLR-SNet",
    rate: (t) => (t < 1 / 3 ? 0.62 : t < 2 / 3 ? 0.31 : 0.08),
    quality: -0.035,
    learned: true,
  },
  {
    schedule: "mlr-snet-zero",
    label: "MLR-SNet, to zero",
    rate: (t) => (t < 1 / 3 ? 0.62 : 0.4 * (1 - t)),
    quality: -0.01,
    learned: true,
  },
  { schedule: "constant", label: "constant", rate: () => 0.3, quality: -0.02 },
  {
    schedule: "multistep",
    label: "multi-step",
    rate: (t) => (t < 0.5 ? 0.5 : t < 0.75 ? 0.05 : 0.005),
    quality: -0.012,
  },
  { schedule: "cosine", label: "cosine", rate: (t) => 0.25 * (1 + Math.cos(Math.PI * t)), quality: 0.004 },
  { schedule: "linear", label: "linear to zero", rate: (t) => 0.5 * (1 - t), quality: 0.002 },
  {
    schedule: "onecycle",
    label: "one-cycle",
    rate: (t) => (t < 0.3 ? 0.03 + 3 * t : 0.93 * (1 - t)),
    quality: -0.004,
  },
  {
    schedule: "wsd",
    label: "warm-up-stable-decay",
    rate: (t) => 0.4 * Math.min(1, 20 * t, 5 * (1 - t)),
    quality: 0,
  },
  { schedule: "exponential", label: "exponential", rate: (t) => 0.6 * 0.02 ** t, quality: -0.015 },
  {
    schedule: "hd",
    label: "hypergradient descent",
    rate: (t) => 0.2 + 0.1 * Math.sin(9 * t),
    quality: -0.05,
  },
  { schedule: "l4", label: "L4", rate: (t) => 0.3 + 0.2 * Math.sin(40 * t), quality: -0.09 },
];

function comparison(
  task: string,
  title: string,
  steps: number,
  level: number,
  salt: number,
): ReportComparison {
  const runs = shapes.flatMap((shape) => [0, 1, 2].map((seed) => run(shape, seed, steps, level, salt)));
  return {
    task,
    title,
    note: "Every schedule made by hand got the same seven base rates, and the one with the best validation accuracy was taken. The learned schedule was used as it is.",
    steps,
    runs,
    summary: shapes.map((shape) => summarise(shape, runs)),
  };
}

function run(shape: Shape, seed: number, steps: number, level: number, salt: number): ReportRun {
  const random = new Random(seed, shape.schedule, salt);
  const diverges = shape.schedule === "l4" && seed === 2;
  const end = level + shape.quality + 0.006 * random.normal();
  const curve: CurvePoint[] = [];
  for (let step = 0; step < (diverges ? steps * 0.4 : steps); step++) {
    const learningRate = shape.rate(step / steps);
    const fitted = 1 - Math.exp((-4 * (step + 1)) / steps);
    const loss = 2.3 - (2.3 - 2.6 * (1 - end)) * fitted + 0.25 * learningRate * random.normal() ** 2;
    const point: CurvePoint = {
      step,
      loss: diverges && step > steps * 0.38 ? loss * 40 : loss,
      learningRate,
    };
    if ((step + 1) % 50 === 0) {
      point.testLoss = loss * 1.05;
      point.testAccuracy = 0.1 + (end - 0.1) * fitted + 0.02 * learningRate * random.normal();
    }
    curve.push(point);
  }
  const accuracy = curve.findLast((point) => point.testAccuracy)?.testAccuracy ?? null;
  const loss = curve.findLast((point) => point.testLoss)?.testLoss ?? null;
  return {
    schedule: shape.schedule,
    label: shape.label,
    learned: shape.learned === true,
    seed,
    baseRate: shape.learned ? null : 0.5,
    status: diverges ? "diverged" : "done",
    tuningRuns: shape.learned ? 0 : 7,
    last: diverges ? { loss: null, accuracy: null } : { loss, accuracy },
    best: { loss, accuracy: Math.max(...curve.map(({ testAccuracy }) => testAccuracy ?? 0)) },
    curve,
  };
}

function summarise(shape: Shape, all: readonly ReportRun[]): SummaryRow {
  const runs = all.filter(({ schedule }) => schedule === shape.schedule);
  const ended = runs.filter(({ status }) => status === "done");
  const mean = average(ended.map(({ last }) => last.accuracy!));
  const squares = ended.map(({ last }) => (last.accuracy! - mean) ** 2);
  return {
    schedule: shape.schedule,
    label: shape.label,
    learned: shape.learned === true,
    judgedBy: "accuracy",
    mean,
    standardError: Math.sqrt(average(squares) / Math.max(1, ended.length - 1)),
    lastLossMean: average(ended.map(({ last }) => last.loss!)),
    bestMean: average(runs.map(({ best }) => best.accuracy!)),
    baseRate: runs[0]!.baseRate,
    tuningRuns: runs[0]!.tuningRuns,
    diverged: runs.length - ended.length,
  };
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
