import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { MlrSnetError } from "../errors.ts";
import { Random } from "../random.ts";
import { loadDataset } from "./catalogue.ts";
import { checkDataset } from "./dataset.ts";
import { encodeIdx, parseIdx } from "./idx.ts";

/** The bytes with one of: some bytes changed, the end cut off, a piece taken out, a piece put in twice. */
function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  const [one, two] = [random.integer(bytes.length), random.integer(bytes.length)];
  const [start, end] = [Math.min(one, two), Math.max(one, two)];
  switch (random.integer(4)) {
    case 0: {
      const changed = bytes.slice();
      // Half of the changes fall on the header, where every byte has a meaning.
      const bound = random.integer(2) === 0 ? Math.min(24, bytes.length) : bytes.length;
      for (let times = random.integer(4); times >= 0; times--)
        changed[random.integer(bound)] = random.integer(256);
      return changed;
    }
    case 1:
      return bytes.slice(0, start);
    case 2:
      return Uint8Array.from([...bytes.subarray(0, start), ...bytes.subarray(end)]);
    default:
      return Uint8Array.from([...bytes.subarray(0, end), ...bytes.subarray(start)]);
  }
}

describe("parseIdx", () => {
  it("answers 12,000 mutated files with a whole result or one clear line", () => {
    const random = new Random(2);
    const data = Uint8Array.from({ length: 4 * 28 * 28 }, () => random.integer(256) & random.integer(256));
    const plain = encodeIdx({ shape: [4, 28, 28], data });
    const files = [
      plain,
      new Uint8Array(gzipSync(plain)),
      encodeIdx({ shape: [5], data: data.subarray(0, 5) }),
    ];
    let valid = 0;
    for (let round = 0; round < 12_000; round++) {
      const bytes = mutate(files[round % files.length]!, random);
      try {
        const idx = parseIdx(bytes, "file");
        expect(idx.data).toHaveLength(idx.shape.reduce((product, side) => product * side, 1));
        valid++;
      } catch (error) {
        expect(error).toBeInstanceOf(MlrSnetError);
        expect(["FILE_CORRUPT", "UNSUPPORTED_FORMAT"]).toContain((error as MlrSnetError).code);
        expect((error as MlrSnetError).message).not.toContain("\n");
      }
    }
    // Both answers occur: changed pixels of a plain file are valid.
    expect(valid).toBeGreaterThan(500);
    expect(valid).toBeLessThan(11_000);
  });

  it("refuses a small gzip file that unpacks to 300 MB", () => {
    const bomb = gzipSync(new Uint8Array(3e8), { level: 1 });
    expect(() => parseIdx(bomb, "bomb")).toThrow(expect.objectContaining({ code: "FILE_CORRUPT" }));
  });
});

describe("loadDataset", () => {
  const dataDir = fileURLToPath(new URL("../../../shared/data", import.meta.url));
  const skip = !existsSync(dataDir) && process.env.CI !== "true";
  it.skipIf(skip).each(["mnist", "fashion-mnist"])(
    "loads the real %s, normalised to mean 0 and deviation 1 (skipped without ../shared/data)",
    async (name) => {
      const { train, test } = await loadDataset(name, { dataDir, download: false });
      expect([train.labels.length, test.labels.length]).toEqual([60_000, 10_000]);
      checkDataset(train);
      checkDataset(test);
      let [sum, squares] = [0, 0];
      for (const value of train.inputs) {
        sum += value;
        squares += value * value;
      }
      expect(Math.abs(sum / train.inputs.length)).toBeLessThan(1e-3);
      expect(Math.abs(squares / train.inputs.length - 1)).toBeLessThan(1e-3);
    },
  );
});
