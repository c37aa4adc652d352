import type { FromWorker, ToWorker } from "./messages.ts";

/** What a worker is made of. */
export type WorkerSource = {
  /** A module that exports a `StartWorker` as `start`; a file of the built package, since Node 20 runs no TypeScript. */
  module: URL;
  /** What `start` is given; like every message it is copied (structured clone), never shared. */
  data: unknown;
};

/**
 * Opens workers: threads of this process (`threads`), this thread itself (`inThisThread`), or processes and other machines. All that
 * is said goes by messages, stopping too, so that a queue can stand between.
 */
export type Transport = (source: WorkerSource, listener: ConnectionListener) => Connection;

/** The caller's end of a worker. */
export type Connection = {
  /** Copies the message; after the worker's end nothing happens. @throws what cannot be copied. */
  send(message: ToWorker): void;
  /** Ends the worker, what it is at too. */
  close(): Promise<void>;
};

/** Who hears of a worker. */
export type ConnectionListener = {
  /** In the order in which the worker sent them. */
  message(message: FromWorker): void;
  /** The worker is no more. @param cause what it threw, where that is known. */
  ended(cause?: unknown): void;
};
