import type { Device, Engine, LoweringRecord } from "../engine/index.ts";
import { Progress, type ProgressStream } from "./progress.ts";

/** Where a command writes: results to `stdout`, progress and errors to `stderr`. */
export type Streams = { stdout: { write(text: string): unknown }; stderr: ProgressStream };

/** Flags that every command takes. */
export type CommonOptions = {
  json?: true;
  debug?: true;
  seed?: number;
  device?: Device;
  data?: string;
  threads?: number;
};

/** What a command has to say: the object of --json, and the same for people. */
export type Answer = { json: object; text: string };

/** One run of the program: its streams, its progress line, and Ctrl-C. */
export class Session {
  readonly #streams: Streams;
  #abort: AbortController | undefined;
  #progress: Progress | undefined;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  /**
   * Aborted by the first Ctrl-C; the second ends the process at once. Only a command that asks for the signal catches
   * Ctrl-C, so that every other one just stops.
   */
  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      process.on("SIGINT", this.#interrupt);
    }
    return this.#abort.signal;
  }

  /** A new progress line on standard error. */
  progress(total: number, unit: string): Progress {
    this.#progress?.end();
    this.#progress = new Progress(this.#streams.stderr, total, unit);
    return this.#progress;
  }

  /** A line on standard error, above the progress. */
  note(text: string): void {
    this.#progress?.clear();
    this.#streams.stderr.write(`${text}\n`);
  }

  answer({ json, text }: Answer, asJson: boolean): void {
    this.#progress?.end();
    this.#streams.stdout.write(`${asJson ? JSON.stringify(json) : text}\n`);
  }

  write(text: string): void {
    this.#streams.stdout.write(text);
  }

  close(): void {
    this.#progress?.end();
    process.off("SIGINT", this.#interrupt);
  }

  readonly #interrupt = (): void => {
    if (this.#abort?.signal.aborted) process.exit(130);
    this.#abort?.abort();
    // For the eyes only: a program counts on one line of error.
    if (this.#streams.stderr.isTTY) this.note("Stopping after this step; Ctrl-C again stops at once.");
  };
}

/**
 * The engine as the common flags want it. Loads ONNX Runtime: only commands that train call it.
 *
 * @param plan of the run that is resumed, with its device and threads where no flag gives others.
 */
export async function createEngine(options: CommonOptions, plan?: LoweringRecord): Promise<Engine> {
  const { Engine } = await import("../engine/index.ts");
  const device = options.device ?? (plan?.device as Device | undefined);
  const threads = options.threads ?? plan?.threads;
  return await Engine.create({
    ...(device && { device }),
    ...(threads && { threads }),
    ...(plan && { plan }),
  });
}
