/** Standard error, or anything like it. */
export type ProgressStream = { write(text: string): unknown; isTTY?: boolean; columns?: number };

/** Milliseconds between two lines: a terminal's is rewritten, a log's stays. */
const pause = { terminal: 100, log: 10_000 };

/**
 * Progress with rate and time left: one line that is rewritten on a terminal, now and then a plain line elsewhere.
 *
 * @example
 * const progress = new Progress(process.stderr, 2000, "steps");
 * progress.update(500, "cosine, seed 1"); // cosine, seed 1  25 %  1,250 steps/s  0:01 left
 */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #total: number;
  readonly #unit: string;
  readonly #now: () => number;
  #start: { time: number; done: number } | undefined;
  #shownAt: number;
  #isShown = false;

  /** @param unit of `done` and `total`; empty: no rate is shown. @param now milliseconds, for tests. */
  constructor(stream: ProgressStream, total: number, unit: string, now: () => number = Date.now) {
    this.#stream = stream;
    this.#total = total;
    this.#unit = unit;
    this.#now = now;
    this.#shownAt = now();
  }

  /** @param done units so far; the first call is where the rate is counted from, so that a resumed run tells the truth. */
  update(done: number, note: string): void {
    const now = this.#now();
    this.#start ??= { time: now, done };
    if (now - this.#shownAt < (this.#stream.isTTY ? pause.terminal : pause.log)) return;
    this.#shownAt = now;
    const line = `${note}  ${this.#describe(done, now, this.#start)}`;
    if (this.#stream.isTTY) {
      this.#stream.write(`\r${line.slice(0, (this.#stream.columns ?? 80) - 1)}\x1b[K`);
      this.#isShown = true;
    } else this.#stream.write(`${line}\n`);
  }

  /** Takes the line away, for something else to be written. */
  clear(): void {
    if (this.#isShown) this.#stream.write("\r\x1b[K");
    this.#isShown = false;
  }

  end(): void {
    this.clear();
  }

  #describe(done: number, now: number, start: { time: number; done: number }): string {
    const percent = `${this.#total > 0 ? Math.floor((100 * done) / this.#total) : 100} %`;
    const seconds = (now - start.time) / 1000;
    const rate = (done - start.done) / seconds;
    if (!(rate > 0 && Number.isFinite(rate))) return percent;
    const speed = this.#unit === "" ? "" : `  ${formatRate(rate, this.#unit)}`;
    return `${percent}${speed}  ${formatTime((this.#total - done) / rate)} left`;
  }
}

/** 1250: "1,250 steps/s"; below one a second what each takes: 0.3125: "3.2 s each". */
export function formatRate(perSecond: number, unit: string): string {
  const figure = (value: number): string =>
    value >= 9.95 ? Math.round(value).toLocaleString("en-US") : value.toFixed(1);
  return perSecond < 1 ? `${figure(1 / perSecond)} s each` : `${figure(perSecond)} ${unit}/s`;
}

/** 75 s: "1:15"; 3700 s: "1:01:40". */
export function formatTime(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number: number): string => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
