import { parentPort, workerData } from "node:worker_threads";
import { createEstimator, createSmallEngine, type PoolAnswer, type PoolRequest } from "./estimator-pool.ts";
import type { LongHorizonOptions } from "./long-horizon-options.ts";

/* One core's share of long-horizon meta-training: told a job, it answers with its estimate. */

const estimator = createEstimator(await createSmallEngine(), workerData as LongHorizonOptions);

async function answer(request: PoolRequest): Promise<PoolAnswer> {
  if ("estimate" in request) return { estimate: await estimator.estimate(request.estimate) };
  if ("restore" in request) estimator.restore(request.restore);
  return { kept: "save" in request ? estimator.save() : {} };
}

parentPort!.on("message", async (request: PoolRequest) => {
  try {
    parentPort!.postMessage(await answer(request));
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    parentPort!.postMessage({ error: { message, code } });
  }
});
parentPort!.postMessage("ready");
