import { annealToZero } from "../src/schedules/anneal-to-zero.ts";
import type { CellConfig } from "../src/schedules/mlr-snet/config.ts";
import { initialiseParameters } from "../src/schedules/mlr-snet/initialise.ts";
import { inputNames } from "../src/schedules/mlr-snet/inputs.ts";
import { learnedSchedule } from "../src/schedules/mlr-snet/learned-schedule.ts";
import type { IntegratingOutput } from "../src/schedules/mlr-snet/output.ts";
import { parameterLayout } from "../src/schedules/mlr-snet/parameters.ts";
import { presets } from "../src/schedules/mlr-snet/presets.ts";
import { equalFractions } from "../src/schedules/mlr-snet/schedule-file.ts";
import type { Schedule } from "../src/schedules/schedule.ts";
import { warmup } from "../src/schedules/warmup.ts";
import type { Row } from "./schedule-run.ts";

/** An MLR-SNet of three snapshots with random cells and a readout that is a bias alone: p = σ(bias), by hand. */
function threeLevels(gamma: number | null, ...biases: number[]): Schedule<unknown> {
  const cell = { ...presets["meta-test"], hidden: 8, middle: 4 };
  const thetas = biases.map((bias, seed) => {
    const theta = initialiseParameters(cell, seed);
    for (const { name, offset, size } of parameterLayout(cell)) {
      if (name === "layer3.weight") theta.fill(0, offset, offset + size);
      if (name === "layer3.bias") theta[offset] = bias;
    }
    return theta;
  });
  const snapshots = { switchRule: "fractions" as const, fractions: equalFractions(biases.length), thetas };
  return learnedSchedule({ cell, snapshots, provenance: {} }, gamma === null ? {} : { gamma });
}

const learned = threeLevels(0.8, 0, Math.log(3), -Math.log(3));

/** A schedule of the integrating form with random weights: its rates are not known by hand. */
function integrating(change: Partial<CellConfig>): Schedule<unknown> {
  const cell: CellConfig = { ...presets.transfer, ...change };
  const thetas = [1, 2].map((seed) => initialiseParameters(cell, seed));
  const snapshots = { switchRule: "fractions" as const, fractions: equalFractions(2), thetas };
  return learnedSchedule({ cell, snapshots, provenance: {} });
}

/** Neither settles nor anneals. */
const plain: IntegratingOutput = {
  form: "integrating",
  step: 0.2,
  start: 1e-3,
  floor: 1e-7,
  ceiling: 10,
};

/** The same with a readout that is a bias alone: every step multiplies the rate by exp(δ_t p). */
function steady(p: number, output: IntegratingOutput): Schedule<unknown> {
  const cell = { ...presets["transfer-anytime"], output };
  const theta = initialiseParameters(cell, 1);
  theta.fill(0, theta.length - 1 - cell.hidden);
  theta[theta.length - 1] = Math.atanh(p);
  const snapshots = { switchRule: "fractions" as const, fractions: [0], thetas: [theta] };
  return learnedSchedule({ cell, snapshots, provenance: {} });
}

/** The learned schedules of the table. */
export const learnedRows: readonly Row[] = [
  { name: "mlr-snet", schedule: learned, byHand: { 0: 0.4, 32: 0.4, 33: 0.6, 65: 0.6, 66: 0.2, 99: 0.2 } },
  {
    // γ of L0 = 2.3 and, from step 33 on, of a training set's loss of 2; C = 10.
    name: "mlr-snet with γ by the formula",
    schedule: threeLevels(null, 0, 0, 0),
    byHand: {
      0: (Math.sqrt(2.3) * Math.log(23)) / 10 ** 0.25 / 8,
      33: (Math.sqrt(2) * Math.log(20)) / 10 ** 0.25 / 8,
    },
  },
  {
    name: "mlr-snet of the integrating form",
    schedule: steady(0.25, plain),
    byHand: { 0: 0.001 * Math.exp(0.05), 1: 0.001 * Math.exp(0.1), 99: 0.001 * Math.exp(5) },
  },
  {
    name: "mlr-snet of the integrating form at its ceiling",
    schedule: steady(0.9, plain),
    byHand: { 0: 0.001 * Math.exp(0.18), 60: 10, 99: 10 },
  },
  {
    // δ_t p = 0.05 / (1 + t/2) = 0.1 / (2 + t): 1/2 + 1/3 + ... of it add up.
    name: "mlr-snet of the integrating form, settling",
    schedule: steady(0.25, { ...plain, settle: 2 }),
    byHand: {
      0: 0.001 * Math.exp(0.1 / 2),
      1: 0.001 * Math.exp(0.1 / 2 + 0.1 / 3),
      2: 0.001 * Math.exp(0.1 / 2 + 0.1 / 3 + 0.1 / 4),
      6: 0.001 * Math.exp(0.1 * (1 / 2 + 1 / 3 + 1 / 4 + 1 / 5 + 1 / 6 + 1 / 7 + 1 / 8)),
    },
  },
  {
    name: "mlr-snet of the integrating form, annealing",
    schedule: steady(0.25, { ...plain, anneal: 2 }),
    byHand: {
      0: 0.001 * Math.exp(0.05),
      50: 0.25 * 0.001 * Math.exp(51 * 0.05),
      99: 0.0001 * 0.001 * Math.exp(5),
    },
  },
  { name: "mlr-snet with the transfer inputs", schedule: integrating({}), byHand: {} },
  {
    name: "mlr-snet with every scale-free input",
    schedule: integrating({ inputs: inputNames.filter((name) => !name.startsWith("loss")), middle: 5 }),
    byHand: {},
  },
  {
    // The inner run has 90 steps: its switches, at 30 and 60, are at 40 and 70 of the run.
    name: "warm-up and anneal-to-zero around mlr-snet",
    schedule: annealToZero(warmup(learned, { steps: 10, startFraction: 0 }), { fraction: 0.2 }),
    byHand: { 0: 0, 5: 0.2, 10: 0.4, 39: 0.4, 40: 0.6, 69: 0.6, 70: 0.2, 80: 0.2, 90: 0.1, 99: 0.01 },
  },
];
