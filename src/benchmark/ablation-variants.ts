import type { LongHorizonOptions } from "../meta/index.ts";
import { type CellConfig, type InputName, type IntegratingOutput, presets } from "../schedules/index.ts";

/** How a schedule of the ablation comes to be. */
export type AblationVariant = {
  name: string;
  /** What is different from `default`, in a line. */
  what: string;
} & (
  | {
      kind: "long-horizon";
      cell?: CellConfig;
      options?: Partial<LongHorizonOptions>;
      /** Generations, as a part of the default's; where they are dearer or cheaper. */
      share?: number;
    }
  | { kind: "look-ahead" }
  /** Nothing is learned: measured as it is found under that name. */
  | { kind: "named"; reference: string }
  /** Another use of the schedule of another variant. */
  | { kind: "use"; of: string; divergenceGuard?: true; horizonFactor?: number }
);

const { transfer, "transfer-anytime": anytime } = presets;
const without = (...names: readonly InputName[]): CellConfig => ({
  ...transfer,
  inputs: transfer.inputs.filter((name) => !names.includes(name)),
});
const form = transfer.output as IntegratingOutput;
const withOutput = (output: IntegratingOutput): CellConfig => ({ ...transfer, output });
const withoutOption = (option: "settle" | "power" | "anneal"): CellConfig => {
  const { [option]: _, ...output } = form;
  return withOutput(output);
};
const { relative: _, ...unitless } = form;
/** As the output form was before its rates had a unit. */
const absolute = withOutput({ ...unitless, start: 1e-3, floor: 1e-7, ceiling: 30 });
const onTask: NonNullable<LongHorizonOptions["task"]> = { reference: "mnist1d/mlp", steps: 400 };

/** What is varied, one thing at a time, all else as in `default`. */
export const ablationVariants: readonly AblationVariant[] = [
  { name: "default", what: "the recipe as it is", kind: "long-horizon" },
  {
    name: "sigmoid",
    what: "output: α = γ·σ(z), the paper's, with γ of the initial loss ln C",
    kind: "long-horizon",
    cell: { ...transfer, output: "sigmoid" },
  },
  {
    name: "no-anneal",
    what: "output: no fall to zero behind the network",
    kind: "long-horizon",
    cell: withoutOption("anneal"),
  },
  {
    name: "no-settle",
    what: "output: steps of the same size all along",
    kind: "long-horizon",
    cell: withoutOption("settle"),
  },
  {
    name: "no-power",
    what: "output: p itself instead of its third power",
    kind: "long-horizon",
    cell: withoutOption("power"),
  },
  {
    name: "absolute",
    what: "output: rates as they are, from 0.001 to 30, whatever optimizer and length of the run",
    kind: "long-horizon",
    cell: absolute,
  },
  {
    name: "high-ceiling",
    what: "output: up to 300 times the usual rate",
    kind: "long-horizon",
    cell: withOutput({ ...form, ceiling: 300 }),
  },
  {
    name: "loss-and-progress",
    what: "inputs: the mean loss and the progress alone",
    kind: "long-horizon",
    cell: { ...transfer, inputs: ["average-loss", "progress"] },
  },
  {
    name: "no-own-rate",
    what: "inputs: not its own rate and output",
    kind: "long-horizon",
    cell: without("log-rate", "last-output"),
  },
  {
    name: "no-noise",
    what: "inputs: not the noise, the excess over the best and the long trend",
    kind: "long-horizon",
    cell: without("long-trend", "excess", "noise"),
  },
  {
    name: "end-alone",
    what: "objective: the end of the run, not the way there",
    kind: "long-horizon",
    options: { averageShare: 0 },
  },
  {
    name: "single-task",
    what: "meta-training on mnist1d/mlp alone",
    kind: "long-horizon",
    options: { task: onTask, tasks: 2 },
    share: 0.5,
  },
  {
    name: "pes",
    what: "persistent evolution strategies, windows of 50 steps",
    kind: "long-horizon",
    options: { estimator: "pes" },
    share: 2,
  },
  {
    name: "ranks",
    what: "weights by ranks instead of differences",
    kind: "long-horizon",
    options: { shaping: "ranks" },
  },
  {
    name: "look-ahead",
    what: "the paper's one-step look-ahead on mnist1d/mlp, the same cell",
    kind: "look-ahead",
  },
  { name: "anytime", what: "horizon not known, not told", kind: "long-horizon", cell: anytime },
  {
    name: "no-network",
    what: "the cell of zoo:default with a θ of zeros, from 8 times the usual rate, guarded as it is",
    kind: "named",
    reference: "control:no-network",
  },
  {
    name: "calibrated-linear",
    what: "a straight line to zero from a multiple of the usual rate that was fitted for each optimizer, without a guard",
    kind: "named",
    reference: "calibrated:linear",
  },
  {
    name: "paper",
    what: "zoo:paper: the paper's recipe and form, in units of the usual rate",
    kind: "named",
    reference: "zoo:paper",
  },
  {
    name: "guarded",
    what: "the default with the divergence guard",
    kind: "use",
    of: "default",
    divergenceGuard: true,
  },
  {
    name: "horizon-halved",
    what: "the default told half of T",
    kind: "use",
    of: "default",
    horizonFactor: 0.5,
  },
  { name: "horizon-doubled", what: "the default told twice T", kind: "use", of: "default", horizonFactor: 2 },
];
