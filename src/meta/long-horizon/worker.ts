import { parentPort, workerData } from "node:worker_threads";
import { MlrSnetError } from "../../errors.ts";
import { createEstimator, createSmallEngine, type PoolAnswer, type PoolRequest } from "./estimator-pool.ts";
import type { LongHorizonOptions } from "./options.ts";
import type { TaskEstimator } from "./task-estimator.ts";

/* One core's share of long-horizon meta-training: told a job, it answers with its estimate. */

/** Made for the first request, so that an engine that is missing is an answer. */
let made: TaskEstimator | undefined;

async function answer(request: PoolRequest): Promise<PoolAnswer> {
  made ??= createEstimator(await createSmallEngine(), workerData as LongHorizonOptions);
  if ("estimate" in request) return { estimate: await made.estimate(request.estimate) };
  if ("restore" in request) made.restore(request.restore);
  return { kept: "save" in request ? made.save() : {} };
}

parentPort!.on("message", async (request: PoolRequest) => {
  try {
    parentPort!.postMessage(await answer(request));
  } catch (error) {
    const code = error instanceof MlrSnetError ? error.code : "ENGINE_FAILED";
    const message = error instanceof Error ? error.message : String(error);
    parentPort!.postMessage({ error: { message, code } } satisfies PoolAnswer);
  }
});
