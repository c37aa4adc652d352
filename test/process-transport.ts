import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Transport } from "../src/workers/index.ts";

/**
 * Workers as processes of their own: a second way for messages to go, which shares nothing with the caller.
 *
 * @param workers address of the built `workers/index.js`.
 */
export function processes(workers: string): Transport {
  return ({ module, data }, listener) => {
    const entry = fileURLToPath(new URL("./process-worker.mjs", import.meta.url));
    const child = fork(entry, [workers, module.href], { serialization: "advanced" });
    const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
    child.on("message", (message) => listener.message(message as never));
    child.on("error", (cause) => listener.ended(cause));
    child.on("exit", () => listener.ended());
    child.send({ data });
    return {
      send(message) {
        if (child.connected) child.send(message);
      },
      async close() {
        child.kill("SIGKILL");
        await ended;
      },
    };
  };
}
