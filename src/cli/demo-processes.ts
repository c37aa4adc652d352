import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { CompareResult } from "../benchmark/index.ts";
import { type ErrorCode, MlrSnetError } from "../errors.ts";
import type { ComparisonMessage, ComparisonRequest } from "./demo-comparison.ts";

/** How far a process is, 0 to 1, and at what. */
export type ComparisonProgress = { fraction: number; note: string };

/**
 * Runs comparisons at the same time, each in a process of its own.
 *
 * @param onProgress is given the state of every process, in the order of `requests`.
 * @throws {MlrSnetError} the first error of a process, `INTERRUPTED`; the others are stopped.
 */
export async function runComparisons(
  requests: readonly ComparisonRequest[],
  onProgress: (progress: readonly ComparisonProgress[]) => void,
  signal: AbortSignal,
): Promise<CompareResult[]> {
  const progress: ComparisonProgress[] = requests.map(({ task }) => ({ fraction: 0, note: task }));
  // Only the built file can be forked: Node 20 does not run TypeScript.
  const children = requests.map(() =>
    fork(fileURLToPath(new URL("./demo-comparison.js", import.meta.url)), {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    }),
  );
  const stop = (): void => {
    for (const child of children) child.kill("SIGKILL"); // They hear nothing else.
  };
  signal.addEventListener("abort", stop);
  process.on("exit", stop);
  try {
    const results = children.map((child, index) =>
      converse(child, requests[index]!, signal, (state) => {
        progress[index] = state;
        onProgress(progress);
      }),
    );
    return await Promise.all(results);
  } finally {
    stop();
    signal.removeEventListener("abort", stop);
    process.off("exit", stop);
  }
}

function converse(
  child: ChildProcess,
  request: ComparisonRequest,
  signal: AbortSignal,
  onProgress: (progress: ComparisonProgress) => void,
): Promise<CompareResult> {
  return new Promise((resolve, reject) => {
    child.on("message", (message: ComparisonMessage) => {
      if (message.kind === "progress") onProgress(message);
      else if (message.kind === "result") {
        onProgress({ fraction: 1, note: `${request.task}: done` });
        resolve(message.result);
      } else reject(new MlrSnetError(message.code as ErrorCode, message.message));
    });
    child.on("error", reject);
    // After the last message: a process that has answered has resolved already, this is one that died.
    child.on("disconnect", () =>
      reject(
        signal.aborted
          ? new MlrSnetError("INTERRUPTED", "Stopped: the demo keeps nothing of a comparison.")
          : new MlrSnetError("ENGINE_FAILED", `The comparison on ${request.task} ended without an answer.`),
      ),
    );
    child.send(request);
  });
}
