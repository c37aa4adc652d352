import type { DataSplits } from "../../data/index.ts";
import type { Engine } from "../../engine/index.ts";
import type {
  MetaLearnerState,
  PresetName,
  RunContext,
  ScheduleEvent,
  SwitchRule,
} from "../../schedules/index.ts";
import type { Evaluation, LearnerState, Task } from "../../training/index.ts";
import type { MetaUpdate } from "./meta-step.ts";

export type MetaTrainingOptions = {
  task: Task;
  /** Training data for w, validation data for θ, test data only to be looked at; disjoint. */
  data: DataSplits;
  engine: Engine;
  /** Of the weights, the batches and θ. */
  seed: number;
  /** Default: the task's. */
  steps?: number;
  /** One of the released cells; default `image-meta-train`. */
  preset?: PresetName;
  /** T_val ≥ 1: θ is updated every so many iterations, counted over the whole run. Default: `defaultUpdateEvery`. */
  updateEvery?: number;
  /** An evaluation on test data after every so many updates; default: one an epoch. */
  evaluateEvery?: number;
  /** How the snapshots will take turns; default `epoch-thirds`, as in the released transfer. */
  switchRule?: SwitchRule;
  /** From `save` of an earlier run with the same options. */
  resume?: MetaTrainingState;
  /** Stops the run between two steps. */
  signal?: AbortSignal;
};

/** One update of the network: one line of the records file. */
export type MetaTrainingRecord = {
  step: number;
  loss: number;
  learningRate: number;
  test?: Evaluation;
  /** In the first record: a gamma guard that acted. */
  events?: ScheduleEvent[];
} & Partial<MetaUpdate>;

/** A snapshot of θ, and the number of steps after which it was taken. */
export type Snapshot = { afterSteps: number; theta: Float64Array };

/** What is known of a run before its first step; the initial loss only where γ is computed from it, for the paper's cells. */
export type MetaContext = Required<Omit<RunContext, "canRollBack" | "initialLoss">> &
  Pick<RunContext, "initialLoss">;

/** All that a resumed run needs; float64 where the run has float64. */
export type MetaTrainingState = {
  learner: LearnerState;
  metaLearner: MetaLearnerState;
  context: MetaContext;
  snapshots: { afterSteps: number; theta: number[] }[];
  /** What it belongs to; absent in states of earlier releases. */
  identity?: MetaRunIdentity;
};

/** What a meta-training run must have in common with the one that it resumes. */
export type MetaRunIdentity = {
  task: string;
  seed: number;
  steps: number;
  updateEvery: number;
  preset: string;
  batchSize: number;
  parameters: number;
  /** Its options, as JSON. */
  optimizer: string;
  /** A checksum of the training and validation examples. */
  data: string;
};

export type MetaTrainingOutcome = { status: "done" | "diverged"; steps: number };
