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

/** What asks the program to stop, and the exit status that the shell knows for it: Ctrl-C, `kill`, a terminal that is closed. */
const stopSignals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const signalNames = Object.keys(stopSignals) as (keyof typeof stopSignals)[];

/** One run of the program: its streams, its progress line, and the signals that stop it. */
export class Session {
  readonly #streams: Streams;
  #abort: AbortController | undefined;
  #progress: Progress | undefined;
  #stoppedWith: number | undefined;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  /**
   * Aborted by the first Ctrl-C, SIGTERM or SIGHUP; the second ends the process at once. Only a command that asks for the
   * signal catches them, so that every other one just stops.
   */
  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      for (const name of signalNames) process.on(name, this.#interrupt);
    }
    return this.#abort.signal;
  }

  /** The exit status of what stopped the program; undefined where nothing did. */
  get stoppedWith(): number | undefined {
    return this.#stoppedWith;
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
    for (const name of signalNames) process.off(name, this.#interrupt);
  }

  readonly #interrupt = (name: keyof typeof stopSignals): void => {
    if (this.#abort?.signal.aborted) process.exit(stopSignals[name]);
    this.#stoppedWith = stopSignals[name];
    this.#abort?.abort();
    // For the eyes only: a program counts on one line of error.
    if (this.#streams.stderr.isTTY) this.note("Stopping after this step; Ctrl-C again stops at once.");
  };
}

/**
 * The engine as the common flags want it. Loads ONNX Runtime: only commands that train call it.
 *
 * @param plan of the run that is resumed, with its device and threads where no flag gives others.
 * @param session where it is said that plans cannot be remembered, or that a remembered one was damaged.
 */
export async function createEngine(
  options: CommonOptions,
  { plan, session }: { plan?: LoweringRecord | undefined; session?: Session } = {},
): Promise<Engine> {
  const { Engine } = await import("../engine/index.ts");
  const device = options.device ?? (plan?.device as Device | undefined);
  const threads = options.threads ?? plan?.threads;
  return await Engine.create({
    ...(device && { device }),
    ...(threads && { threads }),
    ...(plan && { plan }),
    ...(session && { onNotice: (text: string) => session.note(`Note: ${text}`) }),
  });
}
