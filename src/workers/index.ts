export { inThisThread } from "./in-this-thread.ts";
export type { FromWorker, ToWorker, WorkerError } from "./messages.ts";
export { type RequestHandler, type StartWorker, serve, type WorkerPort } from "./serve.ts";
export { threads } from "./threads.ts";
export type { Connection, ConnectionListener, Transport, WorkerSource } from "./transport.ts";
export { type RequestOptions, WorkerClient } from "./worker-client.ts";
export { type DrainOptions, type PoolEvent, type PoolOptions, WorkerPool } from "./worker-pool.ts";
