import { describe, expect, it } from "vitest";
import { healthyManifest, whyUnhealthy } from "./healthy-manifest.ts";
import { shapes } from "./healthy-shapes.ts";

const [fit, judge] = [healthyManifest("fit"), healthyManifest("judge")];

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
