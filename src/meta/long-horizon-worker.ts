import { parentPort, workerData } from "node:worker_threads";
import { Engine } from "../engine/index.ts";
import type { LongHorizonOptions } from "./long-horizon-options.ts";
import { type EstimateJob, TaskEstimator } from "./task-estimator.ts";

/* One core's share of long-horizon meta-training: told a job, it answers with its estimate. */

const engine = await Engine.create({ threads: 1, planFolder: null, arena: false });
const estimator = new TaskEstimator(engine, workerData as LongHorizonOptions);

parentPort!.on("message", async (job: EstimateJob) => {
  try {
    parentPort!.postMessage({ estimate: await estimator.estimate(job) });
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    parentPort!.postMessage({ error: { message, code } });
  }
});
parentPort!.postMessage("ready");
