import { Engine } from "../../engine/index.ts";
import type { StartWorker } from "../../workers/index.ts";
import type { LongHorizonOptions } from "./options.ts";
import { PersistentEstimator } from "./persistent-estimator.ts";
import type { Estimate, EstimateJob, KeptRuns } from "./task-estimator.ts";
import { WholeRunEstimator } from "./whole-run-estimator.ts";

/* One core's share of long-horizon meta-training: told a job, it answers with its estimate. */

export type EstimatorRequest = { estimate: EstimateJob } | { save: true } | { restore: KeptRuns };
/** `kept` is empty but where it was asked for. */
export type EstimatorAnswer = { estimate: Estimate } | { kept: KeptRuns };

/** An engine for many small graphs in turns. */
export async function createSmallEngine(): Promise<Engine> {
  return await Engine.create({ threads: 1, planFolder: null, arena: false });
}

export const start: StartWorker<LongHorizonOptions, EstimatorRequest, EstimatorAnswer> = async (options) => {
  const engine = await createSmallEngine();
  const estimator =
    options.estimator === "pes"
      ? new PersistentEstimator(engine, options)
      : new WholeRunEstimator(engine, options);
  return {
    async answer(request) {
      if ("estimate" in request) return { estimate: await estimator.estimate(request.estimate) };
      if ("restore" in request) estimator.restore(request.restore);
      return { kept: "save" in request ? estimator.save() : {} };
    },
    close: () => estimator.release(),
  };
};
