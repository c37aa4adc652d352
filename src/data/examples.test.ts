import { describe, expect, it } from "vitest";
import type { Dataset } from "./dataset.ts";
import { copyExamples, copyInputs, decodedInputs, inputChunks, subset } from "./examples.ts";
import { splitValidation } from "./split.ts";

/** Six examples of shape [2]; example i holds [i, 10 i]. */
function six(): Dataset {
  return {
    name: "six",
    inputs: Float32Array.from([0, 0, 1, 10, 2, 20, 3, 30, 4, 40, 5, 50]),
    inputShape: [2],
    labels: Int32Array.from([0, 1, 0, 1, 0, 1]),
    classes: 2,
  };
}

/** Every byte once in each of three channels. */
const everyByte: Dataset = {
  name: "bytes",
  inputs: Uint8Array.from({ length: 768 }, (_, place) => place % 256),
  inputShape: [3, 16, 16],
  pixels: { mean: [0.4914, 0.4822, 0.4465], deviation: [0.247, 0.2435, 0.2616] },
  labels: Int32Array.of(0),
  classes: 2,
};

describe("decodedInputs", () => {
  it("gives of each byte (byte / 255 - mean) / deviation of its channel, rounded to float32 once", () => {
    const { mean, deviation } = everyByte.pixels!;
    const expected = Float32Array.from({ length: 768 }, (_, place) => {
      const channel = Math.floor(place / 256);
      return ((place % 256) / 255 - mean[channel]!) / deviation[channel]!;
    });
    expect(decodedInputs(everyByte)).toEqual(expected);
  });

  it("uses one mean and deviation for all channels where one is given", () => {
    const dataset = { ...everyByte, pixels: { mean: [0.5], deviation: [0.5] } };
    const inputs = decodedInputs(dataset);
    expect([inputs[0], inputs[255], inputs[256], inputs[767]]).toEqual([-1, 1, -1, 1]);
  });

  it("gives tokens of one byte as int32", () => {
    const { pixels: _, ...tokens } = { ...everyByte, vocabulary: 256 };
    expect(decodedInputs(tokens)).toEqual(Int32Array.from(everyByte.inputs));
  });
});

describe("inputChunks", () => {
  it("gives all inputs in turn, in parts, of a choice of examples too", () => {
    const many: Dataset = {
      ...everyByte,
      inputs: Uint8Array.from({ length: 768 * 700 }, (_, place) => (place * 7) % 251),
      labels: new Int32Array(700),
    };
    for (const dataset of [many, subset(many, [699, 3, 3])]) {
      const chunks = [...inputChunks(dataset)];
      expect(chunks.length).toBe(dataset === many ? 3 : 1);
      const joined = Buffer.concat(chunks.map(({ buffer }) => Buffer.from(buffer)));
      expect(joined.equals(Buffer.from(decodedInputs(dataset).buffer))).toBe(true);
    }
  });
});

describe("subset", () => {
  it("gives the chosen examples in the given order without copying the inputs, of a subset too", () => {
    const whole = six();
    const chosen = subset(whole, [4, 1, 5]);
    expect([...decodedInputs(chosen)]).toEqual([4, 40, 1, 10, 5, 50]);
    expect([[...chosen.labels], chosen.inputShape]).toEqual([[0, 1, 1], [2]]);
    const again = subset(chosen, [2, 0]);
    expect([...decodedInputs(again)]).toEqual([5, 50, 4, 40]);
    expect([chosen.inputs, again.inputs].every((inputs) => inputs === whole.inputs)).toBe(true);
    const [inputs, labels] = [new Float32Array(2), new Int32Array(1)];
    copyExamples(again, [1], inputs, labels);
    expect([...inputs, ...labels]).toEqual([4, 40, 0]);
    copyInputs(again, 0, 1, inputs);
    expect([...inputs]).toEqual([5, 50]);
  });

  it("copies real targets as they are", () => {
    const real = { ...six(), labels: Float32Array.from({ length: 12 }, (_, index) => index / 2) };
    const { classes: _, ...whole } = { ...real, labelsPerExample: 2 };
    expect(subset(whole, [4, 1]).labels).toEqual(Float32Array.from([4, 4.5, 1, 1.5]));
  });

  it("refuses indices outside the set and an empty list", () => {
    for (const indices of [[6], [-1], [0.5], []])
      expect(() => subset(six(), indices)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});

describe("50,000 images of 32x32x3", () => {
  it("take under 200 MB with their validation part split off", () => {
    const train: Dataset = {
      ...everyByte,
      inputs: new Uint8Array(50_000 * 3072),
      inputShape: [3, 32, 32],
      labels: Int32Array.from({ length: 50_000 }, (_, index) => index % 10),
      classes: 10,
    };
    const splits = splitValidation({ train, test: subset(train, [0]) }, 6250, 0);
    const buffers = new Set(
      Object.values({ ...splits, whole: train })
        .flatMap(({ inputs, labels, rows }) => [inputs, labels, ...(rows ? [rows] : [])])
        .map(({ buffer }) => buffer),
    );
    const bytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(bytes).toBeGreaterThan(50_000 * 3072);
    expect(bytes).toBeLessThan(200e6);
  });
});
