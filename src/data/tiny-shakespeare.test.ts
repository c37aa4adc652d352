import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkDataset } from "./check-dataset.ts";
import { exampleCount } from "./dataset.ts";
import { decodedInputs, subset } from "./examples.ts";
import { ShuffledBatches } from "./shuffled-batches.ts";
import { cutWindows, encodeCharacters, loadText, tinyShakespeareSource } from "./tiny-shakespeare.ts";

const encode = (text: string) => new TextEncoder().encode(text);

describe("encodeCharacters", () => {
  it("numbers the characters by their codes", () => {
    expect([...encodeCharacters(encode("ba b\n"), "file", 4)]).toEqual([3, 2, 1, 3, 0]);
  });

  it.each([
    ["a letter outside ASCII", encode("naïve"), "got byte 195 at 2"],
    ["other kinds of characters than the text has", encode("aab"), "3 different characters, got 2"],
  ])("refuses %s", (_, bytes, words) => {
    expect(() => encodeCharacters(bytes, "file", 3)).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED_FORMAT", message: expect.stringContaining(words) }),
    );
  });
});

describe("cutWindows", () => {
  const windows = cutWindows("text", Int32Array.from([0, 1, 2, 3, 4, 5, 6, 7]), 3, 8);

  it("labels each token with the next one and leaves out the rest", () => {
    expect([...windows.inputs]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...windows.labels]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(exampleCount(checkDataset(windows))).toBe(2);
  });

  it("gives batches and subsets of whole windows", () => {
    const inputs = new Int32Array(6);
    const labels = new Int32Array(6);
    new ShuffledBatches(windows, { batchSize: 2, seed: 0 }).fill(0, inputs, labels);
    expect([...labels]).toEqual(Array.from(inputs, (token) => token + 1));
    const second = subset(windows, [1]);
    expect([[...decodedInputs(second)], [...second.labels]]).toEqual([
      [3, 4, 5],
      [4, 5, 6],
    ]);
    expect(decodedInputs(second)).toBeInstanceOf(Int32Array);
  });

  it("refuses a token that is no class, with the window and the position", () => {
    expect(() => cutWindows("text", Int32Array.from([0, 1, 2, 9, 0, 1, 2]), 3, 4)).toThrow(
      "tokens from 0 to 3, as its `classes` has them, got 9 at index 3 (position 0 of example 1)",
    );
  });

  it("refuses a window that is longer than the text", () => {
    expect(() => cutWindows("text", new Int32Array(8), 8, 2)).toThrow("to be 1 to 7");
  });
});

describe("checkDataset", () => {
  it("refuses negative tokens and labels that are not whole examples", () => {
    const windows = cutWindows("text", Int32Array.from([0, 1, 2, 3]), 3, 4);
    expect(() => checkDataset({ ...windows, inputs: Int32Array.from([0, -1, 2]) })).toThrow("-1 at index 1");
    expect(() => checkDataset({ ...windows, labels: new Int32Array(4) })).toThrow(
      "to hold 3 for each example",
    );
  });
});

describe("loadText", () => {
  const dataDir = fileURLToPath(new URL("../../../shared/data", import.meta.url));
  const skip = !existsSync(dataDir) && process.env.CI !== "true";
  it.skipIf(skip)(
    "cuts the real text into its three parts by position (skipped without ../shared/data)",
    async () => {
      const { train, validation, test } = await loadText(tinyShakespeareSource, { dataDir, window: 32 });
      expect([train, validation, test].map((part) => exampleCount(checkDataset(part)))).toEqual([
        31_370, 1742, 1742,
      ]);
      expect(train.inputShape).toEqual([32]);
      // "First Citizen": F is the nineteenth of \n, space, ! $ & ' , - . 3 : ; ? A B C D E F.
      expect(train.inputs[0]).toBe(18);
    },
  );

  it("says what to do where the text is missing", async () => {
    const env = { XDG_CACHE_HOME: "/nonexistent" };
    await expect(loadText(tinyShakespeareSource, { download: false, env })).rejects.toMatchObject({
      code: "DATA_NOT_FOUND",
      message: expect.stringContaining("mlr-snet data fetch tiny-shakespeare"),
    });
  });
});
