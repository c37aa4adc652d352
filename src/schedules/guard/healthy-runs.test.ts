import { describe, expect, it } from "vitest";
import { acts, answers, harm, range } from "../../../test/guard-answers.ts";
import { healthyRuns } from "../../../test/healthy-losses.ts";
import { Random } from "../../random.ts";

/** Small inputs on which the guard before this one did harm, and the most that it may do now. */
const failures: [name: string, losses: number[], most: number][] = [
  ["F3: first 0.1, then always 2.2", [0.1, ...range(999, () => 2.2)], 1],
  ["F4: first 0.05, then 2 exp(-t/400)", [0.05, ...range(999, (t) => 2 * Math.exp(-t / 400))], 0],
  ["F5: the first a quarter of what comes later", [0.5, ...range(999, () => 2)], 0],
  [
    "F6: 0.05 and 3 in turn, both falling",
    range(1000, (t) => (t % 2 ? 3 : 0.05) * Math.exp((-2 * t) / 1000)),
    0,
  ],
  [
    "F6: 0.1 and 2.5 in turn, both falling",
    range(1000, (t) => (t % 2 ? 2.5 : 0.1) * Math.exp((-2 * t) / 1000)),
    0,
  ],
  [
    "F7: a loss of 1 in 2 % of the batches, 0.01 else",
    range(2000, (t) => ((t * 37) % 50 === 7 ? 1 : 0.01)),
    0,
  ],
  [
    "F8: at ln 4 for 175 steps, the first batch 1.376 by chance",
    [1.376, ...range(800, (t) => (t < 175 ? Math.log(4) : 0.4 + 0.986 * Math.exp((175 - t) / 150)))],
    0,
  ],
  [
    "F9: a fall of 4 % in all",
    range(10_000, (t) => 1 - (0.04 * t) / 10_000 + 0.02 * Math.sin(t * 12.9898)),
    0,
  ],
  ["F11: a loss that slowly rises", range(5000, (t) => 2.3 + (0.0128 * t) / 100), 0],
  [
    "F12: 2.5 times the loss at half of the run, then falling",
    range(2000, (t) => 2 * Math.exp(-t / 700) * (t < 1000 ? 1 : 2.5 * Math.exp((1000 - t) / 400))),
    0,
  ],
  ["F12: oscillation", range(3000, (t) => 1 + 0.5 * Math.sin(t / 90)), 0],
];

describe("guardStep on runs that are well", () => {
  it.each(failures)("leaves alone %s.", (_, losses, most) => {
    expect(harm(answers(losses)).length).toBeLessThanOrEqual(most);
  });

  it.each(failures)("decides the same with a constant added and in another unit: %s.", (_, losses) => {
    const decided = (of: readonly number[]) => answers(of).map(({ act }) => act);
    const plain = decided(losses);
    // Powers of two, so that no rounding moves a loss across a limit.
    for (const [offset, scale] of [
      [-8, 1],
      [0, 1024],
      [64, 1 / 1024],
    ] as const)
      expect(decided(losses.map((loss) => offset + scale * loss))).toEqual(plain);
  });

  it("does nothing to log-normal losses of σ 1.5, nor to twenty runs of 90 % noise.", () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = new Random(seed, "log-normal");
      const heavy = range(1000, () => Math.exp(1.5 * random.normal()));
      const noisy = range(1000, (t) => 2.3 - (0.2 * t) / 1000 + 0.3 * random.normal());
      expect([harm(answers(heavy)), harm(answers(noisy))]).toEqual([[], []]);
    }
  });

  it.each(healthyRuns)(
    "never acts on the recorded run of $network with $schedule from $baseRate, batch $batchSize, label noise $noise.",
    ({ losses, baseRate }) => {
      expect(harm(answers(losses, { ratio: baseRate / 0.1 }))).toEqual([]);
    },
  );

  it("skips a lone NaN and a lone outlier of a long run, and nothing else (F10).", () => {
    const random = new Random(2, "long");
    const losses = range(20_000, (t) => (3 + 7 * Math.exp(-t / 5000)) * (1 + 0.05 * random.normal()));
    for (const step of [4_800, 9_000, 9_500, 10_000]) losses[step] = Number.NaN;
    losses[4_980] = 1e6;
    const answered = answers(losses);
    expect(acts(answered, "skip")).toEqual([4_800, 4_980, 9_000, 9_500, 10_000]);
    expect(harm(answered)).toEqual([]);
  });

  it("takes at most one copy in a hundred steps, the first at once, of a run of any length.", () => {
    for (const steps of [1, 50, 1000, 30_000]) {
      const copies = acts(answers(range(steps, (t) => 2 * Math.exp((-3 * t) / steps))), "snapshot");
      expect(copies[0]).toBe(0);
      expect(copies.length).toBeLessThanOrEqual(1 + steps / 100);
      for (const [index, step] of copies.slice(1).entries())
        expect(step - copies[index]!).toBeGreaterThanOrEqual(Math.max(100, steps / 100));
    }
  });
});
