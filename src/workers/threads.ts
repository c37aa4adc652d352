import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import type { Transport } from "./transport.ts";

/**
 * For the heaps of threads that start from now on. The runtime gives each step's outputs once more, as memory that counts as
 * garbage; a heap that starts small is marked again and again for it, by threads of its own that take time from the
 * workers' (a quarter of a population's on two cores). Nothing is marked before it holds so many megabytes. Threads that the
 * user starts later have it too.
 */
const heapFlags = "--initial-old-space-size=256";

/** Workers as threads of this process: of the built package alone, whose files Node can run. */
export const threads: Transport = ({ module, data }, listener) => {
  setFlagsFromString(heapFlags);
  const worker = new Worker(new URL("./thread.js", import.meta.url), {
    workerData: { module: module.href, data },
  });
  worker.on("message", (message) => listener.message(message));
  worker.on("error", (cause) => listener.ended(cause));
  worker.on("exit", () => listener.ended());
  return {
    send: (message) => worker.postMessage(message),
    close: async () => void (await worker.terminate()),
  };
};
