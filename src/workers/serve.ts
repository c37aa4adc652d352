import { describeError, type FromWorker, type ToWorker } from "./messages.ts";

/** What a worker's module exports as `start`: makes ready what its requests need. What it throws is the answer to each of them. */
export type StartWorker<Data, Request, Answer, Progress = never> = (
  data: Data,
) => RequestHandler<Request, Answer, Progress> | Promise<RequestHandler<Request, Answer, Progress>>;

export type RequestHandler<Request, Answer, Progress = never> = {
  /**
   * One request at a time. The answer and the progress are copied.
   *
   * @param signal is aborted where nobody wants the answer any more. It is heard whenever the thread is between two
   * events: a step of the engine waits for one.
   */
  answer(
    request: Request,
    told: { signal: AbortSignal; progress(progress: Progress): void },
  ): Promise<Answer>;
  /** Frees what `start` has made, where the worker does not end with its thread or process. */
  close?(): Promise<void>;
};

/** The worker's end of a connection. */
export type WorkerPort = {
  send(message: FromWorker): void;
  listen(listener: (message: ToWorker) => void): void;
};

/**
 * Answers what comes through a port, until the worker ends. Errors are answers too: `{ code, message }`.
 *
 * @returns `close`: stops what is under way, waits for it, and frees what the handler has made.
 */
export function serve<Data, Request, Answer, Progress>(
  start: StartWorker<Data, Request, Answer, Progress>,
  data: Data,
  port: WorkerPort,
): { close(): Promise<void> } {
  const started = Promise.resolve(data).then(start);
  started.catch(() => {}); // said to whoever asks
  const running = new Map<number, { controller: AbortController; ended: Promise<void> }>();

  async function answer(id: number, work: () => Promise<unknown>): Promise<void> {
    try {
      port.send({ id, answer: await work() });
    } catch (error) {
      port.send({ id, error: describeError(error) });
    }
    running.delete(id);
  }

  port.listen((message) => {
    const { id } = message;
    if ("stop" in message) return void running.get(id)?.controller.abort();
    const controller = new AbortController();
    const { signal } = controller;
    const told = { signal, progress: (progress: Progress): void => port.send({ id, progress }) };
    const work = async (): Promise<unknown> => {
      const handler = await started;
      return "request" in message ? await handler.answer(message.request as Request, told) : undefined;
    };
    running.set(id, { controller, ended: answer(id, work) });
  });

  return {
    async close() {
      for (const { controller } of running.values()) controller.abort();
      await Promise.all([...running.values()].map(({ ended }) => ended));
      const handler = await started.catch(() => undefined);
      await handler?.close?.();
    },
  };
}
