import type { LoweringRecord } from "../../engine/index.ts";
import { MlrSnetError } from "../../errors.ts";
import type { MetaLearnerState } from "../../schedules/index.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../training/index.ts";
import type { MetaRunIdentity, MetaTrainingState } from "./run.ts";

export type MetaCheckpoint = { identity: MetaRunIdentity; plan: LoweringRecord; state: MetaTrainingState };

const kind = "paper meta-training";

type Data = {
  identity: MetaRunIdentity;
  plan: LoweringRecord;
  step: number;
  updates: number;
  metaLearner: MetaLearnerState;
  context: MetaTrainingState["context"];
  snapshots: MetaTrainingState["snapshots"];
};

/** The bytes of a checkpoint of meta-training. */
export function encodeMetaCheckpoint({ identity, plan, state }: MetaCheckpoint): Uint8Array {
  const { learner, metaLearner, context, snapshots } = state;
  const { step, updates, ...arrays } = learner;
  const data: Data = { identity, plan, step, updates, metaLearner, context, snapshots };
  return encodeCheckpoint({ kind, data, arrays });
}

/**
 * Reads a checkpoint of meta-training.
 *
 * @throws {MlrSnetError} as `decodeCheckpoint`.
 */
export function decodeMetaCheckpoint(bytes: Uint8Array): MetaCheckpoint {
  const { data, arrays } = decodeCheckpoint(bytes, kind);
  if (!isData(data))
    throw new MlrSnetError(
      "FILE_CORRUPT",
      "Expected a run of meta-training in the checkpoint, got something else.",
    );
  const { identity, plan, step, updates, metaLearner, context, snapshots } = data;
  const { weights, optimizer, statistics, previousDirection, carried } = arrays;
  if (!weights || !optimizer || !statistics || !previousDirection)
    throw new MlrSnetError("FILE_CORRUPT", "Expected the weights of a network in the checkpoint, got none.");
  const learner = {
    ...{ step, updates, weights, optimizer, statistics, previousDirection },
    ...(carried && { carried }),
  };
  return { identity, plan, state: { learner, metaLearner, context, snapshots, identity } };
}

const isNumber = (value: unknown): boolean => typeof value === "number";
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isNumbers = (value: unknown): boolean => Array.isArray(value) && value.every(isNumber);
const isRows = (value: unknown): boolean => Array.isArray(value) && value.every(isNumbers);
/** The fields of an object; none for anything else. */
const fieldsOf = (value: unknown): Record<string, unknown> => Object(value) as Record<string, unknown>;

/** The checksum says that the file is whole, not that this program wrote it. */
function isData(value: unknown): value is Data {
  const { identity, plan, step, updates: made, metaLearner, context, snapshots } = fieldsOf(value);
  const { theta, adam, memory, gamma } = fieldsOf(metaLearner);
  const { updates, m, v } = fieldsOf(adam);
  const { h, c } = fieldsOf(memory);
  return (
    Object.keys(fieldsOf(identity)).length > 0 &&
    Object.values(fieldsOf(fieldsOf(plan).choices)).every((choice) => typeof choice === "string") &&
    isCount(step) &&
    isCount(made) &&
    isNumbers(theta) &&
    isCount(updates) &&
    isNumbers(m) &&
    isNumbers(v) &&
    isRows(h) &&
    isRows(c) &&
    (isNumber(gamma) || gamma === null) &&
    Object.values(fieldsOf(context)).every(isNumber) &&
    Array.isArray(snapshots) &&
    snapshots.every(
      (snapshot) => isCount(fieldsOf(snapshot).afterSteps) && isNumbers(fieldsOf(snapshot).theta),
    )
  );
}

/**
 * @throws {MlrSnetError} `STATE_MISMATCH` naming what differs from the run that was saved.
 */
export function checkSameRun(saved: MetaRunIdentity, wanted: Partial<MetaRunIdentity>): void {
  for (const key of Object.keys(wanted) as (keyof MetaRunIdentity)[])
    if (saved[key] !== wanted[key])
      throw new MlrSnetError(
        "STATE_MISMATCH",
        `Expected to resume a run with ${key} ${wanted[key]}, but the checkpoint has ${saved[key]}: give the same options, or another --checkpoint.`,
      );
}
