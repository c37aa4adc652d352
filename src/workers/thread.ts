import { parentPort, workerData } from "node:worker_threads";
import { serve } from "./serve.ts";

/* What each thread of `threads` runs: the worker's module, behind the thread's port. */

const { module, data } = workerData as { module: string; data: unknown };
const { start } = await import(module);
serve(start, data, {
  send: (message) => parentPort!.postMessage(message),
  listen: (listener) => void parentPort!.on("message", listener),
});
