import { describe, expect, it } from "vitest";
import golden from "../../test/golden/mnist1d.json" with { type: "json" };
import { Random } from "../random.ts";
import { generateMnist1d, mnist1dTemplates } from "./mnist1d.ts";
import { drawMnist1d, transformMnist1d } from "./mnist1d-transform.ts";

/** The largest difference between two lists of the same length. */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...Array.from(actual, (value, index) => Math.abs(value - expected[index]!)));
}

describe("mnist1dTemplates", () => {
  it("equal the published templates after the published whitening", () => {
    for (const [digit, template] of mnist1dTemplates().entries())
      expect(distance(template, golden.templates[digit]!)).toBeLessThan(1e-14);
  });

  it("start and end at zero", () => {
    for (const template of mnist1dTemplates()) expect([template[0], template[11]]).toEqual([0, 0]);
  });
});

describe("transformMnist1d", () => {
  it("equals numpy and scipy for the same random numbers, at both ends of padding and translation", () => {
    for (const { digit, draws, signal } of golden.cases) {
      const given = {
        ...draws,
        correlated: Float64Array.from(draws.correlated),
        independent: Float64Array.from(draws.independent),
      };
      expect(distance(transformMnist1d(mnist1dTemplates()[digit]!, given), signal)).toBeLessThan(1e-13);
    }
  });

  it("only shears a zero template without noise: a line from -slope/2 to slope/2", () => {
    const silence = new Float64Array(72);
    const draws = {
      padding: 36,
      scale: 0.5,
      translation: 0,
      correlated: silence,
      independent: silence,
      shear: 0,
    };
    const line = transformMnist1d(new Float64Array(12), draws);
    expect(line[0]).toBeCloseTo(-0.1875, 7);
    expect(line[39]).toBeCloseTo(0.1875, 7);
    expect(line[13]! - line[12]!).toBeCloseTo(0.375 / 39, 7);
  });
});

describe("drawMnist1d", () => {
  it("reaches every padding from 36 to 60 and every translation from 0 to 47", () => {
    const random = new Random(1);
    const draws = Array.from({ length: 2000 }, () => drawMnist1d(random));
    expect(new Set(draws.map((draw) => draw.padding)).size).toBe(25);
    expect(new Set(draws.map((draw) => draw.translation)).size).toBe(48);
    expect(Math.min(...draws.map((draw) => draw.padding))).toBe(36);
    expect(Math.max(...draws.map((draw) => draw.translation))).toBe(47);
  });

  it("draws standard normal noise, uncorrelated between neighbours", () => {
    const random = new Random(2);
    const noise = Array.from({ length: 300 }, () => [...drawMnist1d(random).independent]).flat();
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean(noise))).toBeLessThan(0.03);
    expect(Math.abs(mean(noise.map((value) => value * value)) - 1)).toBeLessThan(0.05);
    expect(Math.abs(mean(noise.slice(1).map((value, index) => value * noise[index]!)))).toBeLessThan(0.03);
  });
});

describe("generateMnist1d", () => {
  it("gives 4000 training and 1000 test examples of 40 points, 500 of each digit, in mixed order", () => {
    const { train, test } = generateMnist1d();
    expect([train.labels.length, test.labels.length, train.inputShape, train.classes]).toEqual([
      4000,
      1000,
      [40],
      10,
    ]);
    expect([train.inputs.length, test.inputs.length]).toEqual([160_000, 40_000]);
    const counts = new Array(10).fill(0);
    for (const label of [...train.labels, ...test.labels]) counts[label]++;
    expect(counts).toEqual(new Array(10).fill(500));
    expect(new Set(train.labels.subarray(0, 100)).size).toBe(10);
  });

  it("standardises training and test set together", () => {
    const { train, test } = generateMnist1d({ seed: 3 });
    const values = [...train.inputs, ...test.inputs];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(1e-6);
    expect(Math.abs(variance - 1)).toBeLessThan(1e-6);
  });

  it("gives the same bits for the same seed, 42 by default, and others for another", () => {
    const options = { examples: 100 };
    expect(generateMnist1d({ ...options, seed: 42 })).toEqual(generateMnist1d(options));
    expect(generateMnist1d({ ...options, seed: 43 })).not.toEqual(generateMnist1d(options));
  });

  it.each([
    { examples: 15 },
    { examples: 0 },
    { trainShare: 1 },
    { trainShare: 0 },
    { trainShare: Number.NaN },
    { seed: -1 },
    { seed: 0.5 },
  ])("refuses $0 as out of range", (options) => {
    expect(() => generateMnist1d(options)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
