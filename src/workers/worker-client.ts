import { MlrSnetError } from "../errors.ts";
import { errorFrom, type FromWorker } from "./messages.ts";
import type { Connection, Transport, WorkerSource } from "./transport.ts";

export type RequestOptions<Progress> = {
  onProgress?: (progress: Progress) => void;
  /** Asks the worker to stop; what it then answers is the answer all the same. */
  signal?: AbortSignal;
};

type Pending<Answer, Progress> = {
  id: number;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
  onProgress?: ((progress: Progress) => void) | undefined;
};

/** One worker, asked one request at a time. Whatever ends it is the error of the request that it leaves, and of later ones. */
export class WorkerClient<Request, Answer, Progress = never> {
  readonly #name: string;
  readonly #connection: Connection;
  #pending: Pending<Answer, Progress> | undefined;
  #failure: MlrSnetError | undefined;
  #requests = 0;

  /** @param name of what the worker works for, for errors: `the benchmark`. */
  constructor(name: string, transport: Transport, source: WorkerSource) {
    this.#name = name;
    this.#connection = transport(source, {
      message: (message) => this.#hear(message),
      ended: (cause) => this.#fail(cause),
    });
  }

  /** Waits until the worker has started. @throws what its `start` threw; `ENGINE_FAILED` where it has ended. */
  async ready(): Promise<void> {
    await this.#ask((id) => this.#connection.send({ id, ready: true }));
  }

  /**
   * @throws {MlrSnetError} the error that the worker answers with; `ENGINE_FAILED` where it has ended; `INVALID_ARGUMENT`
   * while it is at another request.
   */
  async request(request: Request, { onProgress, signal }: RequestOptions<Progress> = {}): Promise<Answer> {
    let stop = (): void => {};
    try {
      return await this.#ask((id) => {
        this.#connection.send({ id, request });
        stop = () => this.#connection.send({ id, stop: true });
        if (signal?.aborted) stop();
        else signal?.addEventListener("abort", stop);
      }, onProgress);
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #ask(send: (id: number) => void, onProgress?: (progress: Progress) => void): Promise<Answer> {
    if (this.#failure) throw this.#failure;
    if (this.#pending)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected a worker of ${this.#name} that is free, got one at work.`,
      );
    try {
      return await new Promise<Answer>((resolve, reject) => {
        const id = this.#requests++;
        this.#pending = { id, resolve, reject, onProgress };
        send(id);
      });
    } finally {
      this.#pending = undefined;
    }
  }

  #hear(message: FromWorker): void {
    const pending = this.#pending;
    if (message.id !== pending?.id) return;
    if ("progress" in message) pending.onProgress?.(message.progress as Progress);
    else if ("answer" in message) pending.resolve(message.answer as Answer);
    else pending.reject(errorFrom(message.error));
  }

  #fail(cause: unknown): void {
    const what = cause instanceof Error ? cause.message : String(cause);
    const happened = cause === undefined ? "ended without an answer" : `failed: ${what}`;
    this.#failure ??= new MlrSnetError("ENGINE_FAILED", `A worker of ${this.#name} ${happened}.`, { cause });
    this.#pending?.reject(this.#failure);
  }
}
