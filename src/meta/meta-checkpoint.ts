import type { LoweringRecord } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import type { MetaLearnerState, RunContext } from "../schedules/index.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../training/index.ts";
import type { MetaRunIdentity, MetaTrainingState } from "./meta-run.ts";

export type MetaCheckpoint = { identity: MetaRunIdentity; plan: LoweringRecord; state: MetaTrainingState };

const kind = "paper meta-training";

type Data = {
  identity: MetaRunIdentity;
  plan: LoweringRecord;
  step: number;
  metaLearner: MetaLearnerState;
  context: Required<RunContext>;
  snapshots: MetaTrainingState["snapshots"];
};

/** The bytes of a checkpoint of meta-training. */
export function encodeMetaCheckpoint({ identity, plan, state }: MetaCheckpoint): Uint8Array {
  const { learner, metaLearner, context, snapshots } = state;
  const { step, ...arrays } = learner;
  const data: Data = { identity, plan, step, metaLearner, context, snapshots };
  return encodeCheckpoint({ kind, data, arrays });
}

/**
 * Reads a checkpoint of meta-training.
 *
 * @throws {MlrSnetError} as `decodeCheckpoint`.
 */
export function decodeMetaCheckpoint(bytes: Uint8Array): MetaCheckpoint {
  const { data, arrays } = decodeCheckpoint(bytes, kind);
  const { identity, plan, step, metaLearner, context, snapshots } = data as Data;
  const { weights, optimizer, statistics, previousDirection } = arrays;
  if (!weights || !optimizer || !statistics || !previousDirection)
    throw new MlrSnetError("FILE_CORRUPT", "Expected the weights of a network in the checkpoint, got none.");
  const learner = { step, weights, optimizer, statistics, previousDirection };
  return { identity, plan, state: { learner, metaLearner, context, snapshots } };
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
