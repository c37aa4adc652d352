import { describe, expect, it } from "vitest";
import { healthyManifest, whyUnhealthy } from "./healthy-manifest.ts";
import { type HealthySequence, lossesOf } from "./healthy-sequences.ts";
import { shapes } from "./healthy-shapes.ts";

const [fit, judge] = [healthyManifest("fit"), healthyManifest("judge")];

const found = (failure: string): HealthySequence[] =>
  judge.sequences.filter((sequence) => sequence.failure === failure && sequence.name.includes("found"));
const lossesFound = (failure: string, index = 0): number[] => [...lossesOf(found(failure)[index]!).losses];
const countBy = (keys: readonly string[]): Map<string, number> =>
  keys.reduce((counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1), new Map<string, number>());

describe("healthyManifest", () => {
  it("judges by at least 150 trainings on seven real data sets with batches of 1 to 128 and three optimizers.", () => {
    expect(judge.trainings.length).toBeGreaterThanOrEqual(160);
    expect([...countBy(judge.trainings.map(({ data }) => data)).keys()].sort()).toEqual([
      ...["cifar-10", "fashion-mnist", "mnist", "mnist1d", "ptb", "sms-spam", "tiny-shakespeare"],
    ]);
    const batches = countBy(judge.trainings.map(({ batchSize }) => String(batchSize)));
    for (const size of ["1", "2", "4", "8", "16", "32", "64", "128"])
      expect(batches.get(size)).toBeGreaterThan(10);
    const optimizers = countBy(judge.trainings.map(({ optimizer }) => optimizer.replace("adamw", "adam")));
    expect([...optimizers.keys()].sort()).toEqual(["adam", "momentum", "sgd"]);
    for (const count of optimizers.values()) expect(count).toBeGreaterThan(50);
    expect(judge.trainings.some(({ steps }) => steps === 50)).toBe(true);
    expect(judge.trainings.some(({ steps }) => steps === 4000)).toBe(true);
  });

  it("holds at least twenty of each failure from F1 to F12, and of each shape.", () => {
    const counts = countBy([...judge.trainings, ...judge.sequences].map(({ failure }) => failure ?? "none"));
    for (let failure = 1; failure <= 12; failure++)
      expect(counts.get(`F${failure}`)).toBeGreaterThanOrEqual(20);
    for (const { sequences } of [fit, judge]) {
      const ofShape = countBy(sequences.map(({ shape }) => shape));
      for (const shape of Object.keys(shapes)) expect(ofShape.get(shape)).toBeGreaterThanOrEqual(20);
    }
  });

  it("holds F1 as it was found: four seeds of 4000 steps with single examples, constant and cosine from 0.01.", () => {
    const runs = judge.trainings.filter(({ failure, seed }) => failure === "F1" && seed < 10);
    expect(runs.map(({ seed, schedule }) => `${seed} ${schedule}`)).toEqual([
      ...["2 constant", "2 cosine", "3 constant", "3 cosine"],
      ...["4 constant", "4 cosine", "7 constant", "7 cosine"],
    ]);
    for (const run of runs)
      expect(run).toMatchObject({
        ...{ data: "mnist1d", network: "residual-mlp", optimizer: "sgd" },
        ...{ batchSize: 1, baseRate: 0.01, steps: 4000 },
      });
  });

  it("has two parts without a common data set, seed of data, name or sequence.", () => {
    const sets = judge.trainings.map(({ data }) => data);
    expect(fit.trainings.filter(({ data }) => sets.includes(data))).toEqual([]);
    const names = [...judge.trainings, ...judge.sequences].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([...fit.trainings, ...fit.sequences].filter(({ name }) => names.includes(name))).toEqual([]);
    const values = judge.sequences.map((sequence) => JSON.stringify(sequence.values));
    expect(fit.sequences.filter((sequence) => values.includes(JSON.stringify(sequence.values)))).toEqual([]);
  });

  it("is the one that was committed before any limit was set on it.", () => {
    expect([fit.hash, judge.hash].map((hash) => hash.slice(0, 12))).toEqual(["07d5a14bed60", "46776c291b1e"]);
  });
});

describe("lossesOf", () => {
  it("gives the same losses each time, and of another seed others.", () => {
    const noisy = fit.sequences.find(({ shape }) => shape === "log-normal")!;
    expect(lossesOf(noisy)).toEqual(lossesOf(noisy));
    expect(lossesOf({ ...noisy, seed: 1 }).losses[7]).not.toBe(lossesOf(noisy).losses[7]);
  });

  it("gives finite losses but for those that are planted, in every sequence shorter than the longest.", () => {
    for (const sequence of judge.sequences.filter(({ steps }) => steps < 10_000)) {
      const { losses, planted } = lossesOf(sequence);
      expect(losses.length).toBe(sequence.steps);
      const wrong = [...losses.keys()].filter((t) => !Number.isFinite(losses[t]) && !planted.includes(t));
      expect(wrong, sequence.name).toEqual([]);
    }
  });

  it("repeats the small inputs that failed, number by number.", () => {
    expect(lossesFound("F3").slice(0, 4)).toEqual([0.1, 2.2, 2.2, 2.2]);
    const decay = lossesFound("F4");
    expect(decay[0]).toBe(0.05);
    expect(decay[400]).toBeCloseTo(2 / Math.E, 12);
    const quarter = lossesFound("F5");
    expect(quarter[0]! / quarter[1]!).toBe(0.25);
    expect(lossesFound("F6").slice(0, 2)).toEqual([0.05, 3 * Math.exp(-2 / 1000)]);
    expect(lossesFound("F6", 1).slice(0, 2)).toEqual([0.1, 2.5 * Math.exp(-2 / 1000)]);
    const rare = lossesFound("F7");
    expect(new Set(rare)).toEqual(new Set([0.01, 1]));
    expect(rare.filter((loss) => loss === 1).length / rare.length).toBeCloseTo(0.02, 2);
    expect(lossesFound("F8", 1)[0]).toBeCloseTo(1.376, 6);
    const plateau = lossesFound("F8", 1).slice(1, 175);
    expect(plateau.reduce((sum, loss) => sum + loss, 0) / plateau.length).toBeCloseTo(Math.log(4), 2);
    expect(lossesFound("F8", 1).at(-1)).toBeLessThan(0.7);
    expect(lossesFound("F9", 1)[9500]).toBeNaN();
    expect(lossesFound("F11").at(-1)! / lossesFound("F11")[0]!).toBeCloseTo(1.0128, 4);
    const negative = lossesFound("F14");
    expect(negative[0]).toBe(-1);
    expect(negative.at(-1)).toBeCloseTo(-5, 1);
  });

  it("plants the lone NaN, the lone outlier and the NaN every 500 steps of a run of 100,000.", () => {
    const [one, outlier, many] = found("F10").map(lossesOf);
    expect(one!.planted).toEqual([24_000]);
    expect(one!.losses[24_000]).toBeNaN();
    expect(one!.losses.length).toBe(100_000);
    expect(outlier!.planted).toEqual([24_900]);
    expect(outlier!.losses[24_900]).toBe(1000);
    expect(many!.planted.length).toBe(199);
    expect(many!.planted.every((step) => step % 500 === 0 && Number.isNaN(many!.losses[step]))).toBe(true);
    expect(many!.losses[99_999]).toBeGreaterThan(2);
    expect(many!.losses[99_999]).toBeLessThan(4);
  });

  it("makes the harder task 2.5 times as hard at a half and at 80 % of the run.", () => {
    for (const [index, at] of [500, 800].entries()) {
      const losses = lossesFound("F12", index);
      expect(losses[at]! / losses[at - 1]!).toBeCloseTo(2.5, 1);
      expect(losses.at(-1)).toBeLessThan(0.019);
    }
  });

  it("moves half of the drawn sequences below or above 0, or scales them.", () => {
    const moved = judge.sequences.filter(({ scale, offset }) => scale !== 1 || offset !== 0);
    expect(moved.length).toBeGreaterThan(judge.sequences.length / 3);
    const decay = moved.find(({ shape, offset }) => shape === "decay" && offset < -5)!;
    expect(Math.max(...lossesOf(decay).losses)).toBeLessThan(0);
  });
});

describe("whyUnhealthy", () => {
  const falling = Array.from({ length: 100 }, (_, t) => 2 - t / 100);

  it("finds nothing wrong with losses that fall, stay, or fall and lose a little again.", () => {
    expect(whyUnhealthy(falling, 100)).toBeUndefined();
    expect(whyUnhealthy(Array(100).fill(2.3), 100)).toBeUndefined();
    expect(
      whyUnhealthy(
        falling.map((loss, t) => (t < 80 ? loss : 1.4)),
        100,
      ),
    ).toBeUndefined();
  });

  it("says why a run is no healthy one: cut short, not finite, lost again, or risen.", () => {
    expect(whyUnhealthy(falling.slice(0, 60), 100)).toBe("diverged after 60 of 100 steps");
    expect(whyUnhealthy(falling.with(30, Number.NaN), 100)).toBe("loss not finite at step 30");
    expect(
      whyUnhealthy(
        falling.map((loss, t) => (t < 80 ? loss : 1.9)),
        100,
      ),
    ).toBe("begins with 1.96, comes to 1.26 and ends with 1.90");
    expect(whyUnhealthy(falling.toReversed(), 100)).toMatch(/^begins with 1.06/);
  });
});
