import { Worker } from "node:worker_threads";
import type { Transport } from "./transport.ts";

/** Workers as threads of this process: of the built package alone, whose files Node can run. */
export const threads: Transport = ({ module, data }, listener) => {
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
