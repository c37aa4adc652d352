import { describe, expect, it } from "vitest";
import { formatRate, formatTime, Progress } from "./progress.ts";

function stream(isTTY: boolean) {
  const lines: string[] = [];
  return { lines, isTTY, columns: 60, write: (text: string) => lines.push(text) };
}

describe("Progress", () => {
  it("rewrites one line on a terminal, with rate and time left, and takes it away at the end.", () => {
    const terminal = stream(true);
    let now = 0;
    const progress = new Progress(terminal, 1000, "steps", () => now);
    progress.update(0, "training");
    for (now = 1000; now <= 2000; now += 50) progress.update(now / 10, "training");
    progress.end();
    expect(terminal.lines[0]).toBe("\rtraining  10 %  100 steps/s  0:09 left\x1b[K");
    expect(terminal.lines.at(-1)).toBe("\r\x1b[K");
    expect(terminal.lines.length).toBeLessThan(13);
  });

  it("never wraps the line of a narrow terminal.", () => {
    const terminal = stream(true);
    let now = 0;
    const progress = new Progress(terminal, 10, "steps", () => now);
    now = 500;
    progress.update(1, "x".repeat(100));
    expect(terminal.lines[0]).toBe(`\r${"x".repeat(59)}\x1b[K`);
  });

  it("has nothing left to do where there was nothing to do.", () => {
    const log = stream(false);
    let now = 0;
    const progress = new Progress(log, 0, "steps", () => now);
    now = 20_000;
    progress.update(0, "nothing");
    expect(log.lines).toEqual(["nothing  100 %\n"]);
  });

  it("writes a plain line every ten seconds elsewhere, and nothing for what is shorter.", () => {
    const log = stream(false);
    let now = 0;
    const progress = new Progress(log, 100, "steps", () => now);
    for (now = 0; now < 25_000; now += 100) progress.update(now / 1000, "training");
    progress.end();
    expect(log.lines).toEqual([
      "training  10 %  1.0 steps/s  1:30 left\n",
      "training  20 %  1.0 steps/s  1:20 left\n",
    ]);
  });

  it("counts the rate of a resumed run from where it went on.", () => {
    const log = stream(false);
    let now = 0;
    const progress = new Progress(log, 1000, "steps", () => now);
    progress.update(900, "training");
    now = 10_000;
    progress.update(950, "training");
    expect(log.lines).toEqual(["training  95 %  5.0 steps/s  0:10 left\n"]);
  });
});

describe("formatRate", () => {
  it("writes how many a second, and below one a second what each takes.", () => {
    const rates = [1250, 10, 9.96, 3.14, 1].map((rate) => formatRate(rate, "steps"));
    expect(rates).toEqual(["1,250 steps/s", "10 steps/s", "10 steps/s", "3.1 steps/s", "1.0 steps/s"]);
    expect([0.99, 0.3125, 0.05].map((rate) => formatRate(rate, "steps"))).toEqual([
      "1.0 s each",
      "3.2 s each",
      "20 s each",
    ]);
  });
});

describe("formatTime", () => {
  it("writes minutes and seconds, and hours where there are any.", () => {
    expect([0, 9.1, 75, 3700].map(formatTime)).toEqual(["0:00", "0:10", "1:15", "1:01:40"]);
  });
});
