import { type ErrorCode, MlrSnetError } from "../errors.ts";

/**
 * To a worker: whether it has started, something to do, and that this is no more wanted. `id` tells requests apart, so that a stop
 * that comes late stops nothing else.
 */
export type ToWorker =
  | { id: number; ready: true }
  | { id: number; request: unknown }
  | { id: number; stop: true };

/** From a worker, of the request `id`: how far it is, as often as it likes, and then one of the others. */
export type FromWorker =
  | { id: number; progress: unknown }
  | { id: number; answer: unknown }
  | { id: number; error: WorkerError };

/** An error on its way. `UNEXPECTED`: none of this package's, a bug; its stack says where. */
export type WorkerError = { code: ErrorCode | "UNEXPECTED"; message: string; stack?: string };

export function describeError(error: unknown): WorkerError {
  if (error instanceof MlrSnetError) return { code: error.code, message: error.message };
  if (!(error instanceof Error)) return { code: "UNEXPECTED", message: String(error) };
  const { message, stack } = error;
  return { code: "UNEXPECTED", message, ...(stack !== undefined && { stack }) };
}

/** The error as it was thrown, but for its cause. */
export function errorFrom({ code, message, stack }: WorkerError): Error {
  if (code !== "UNEXPECTED") return new MlrSnetError(code, message);
  return Object.assign(new Error(message), stack !== undefined && { stack });
}
