import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { MlrSnetError } from "../errors.ts";
import { Random } from "../random.ts";
import { loadDataset } from "./catalogue.ts";
import { checkDataset } from "./check-dataset.ts";
import { parseCifar10 } from "./cifar10.ts";
import { readPublished } from "./data-file.ts";
import { decodedInputs } from "./examples.ts";
import { encodeIdx, parseIdx } from "./idx.ts";
import { parseSmsSpam } from "./sms-spam.ts";
import { encodeCharacters } from "./tiny-shakespeare.ts";

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
    expect(() => parseIdx(bomb, "bomb")).toThrow(expect.objectContaining({ code: "UNSUPPORTED_FORMAT" }));
  });
});

describe("the readers of CIFAR-10, SMS Spam and plain text", () => {
  const random = new Random(3);
  const text = (value: string) => new TextEncoder().encode(value);
  const records = Uint8Array.from({ length: 3 * 3073 }, (_, index) =>
    index % 3073 === 0 ? random.integer(10) : random.integer(256),
  );
  const messages = text("ham\tHello, £5?\nspam\tWin a prize now\nham\tSee you\n");
  const readers: [name: string, file: Uint8Array, read: (bytes: Uint8Array) => void][] = [
    [
      "parseCifar10",
      records,
      (bytes) => {
        const { labels, pixels } = parseCifar10(bytes, "file", 3);
        expect([labels.length, pixels.length, Math.max(...labels) < 10]).toEqual([3, 9216, true]);
      },
    ],
    [
      "parseSmsSpam",
      messages,
      (bytes) => {
        for (const { text } of parseSmsSpam(bytes, "file")) expect(text).toMatch(/^[^\t\n]+$/);
      },
    ],
    [
      "encodeCharacters",
      text("to be, or not to be\n".repeat(3)),
      (bytes) => {
        const tokens = encodeCharacters(bytes, "file", 9);
        expect([tokens.length, tokens.every((token) => token >= 0 && token < 9)]).toEqual([
          bytes.length,
          true,
        ]);
      },
    ],
  ];

  it.each(readers)(
    "answer 10,000 mutated files with a whole result or one clear line (%s)",
    (_, file, read) => {
      let valid = 0;
      for (let round = 0; round < 10_000; round++) {
        try {
          read(mutate(file, random));
          valid++;
        } catch (error) {
          expect(error).toBeInstanceOf(MlrSnetError);
          expect(["FILE_CORRUPT", "UNSUPPORTED_FORMAT"]).toContain((error as MlrSnetError).code);
          expect((error as MlrSnetError).message).not.toContain("\n");
        }
      }
      expect(valid).toBeGreaterThan(100);
      expect(valid).toBeLessThan(9900);
    },
  );

  it("take no mutated file for the published one, plain or gzipped", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mlr-snet-fuzz-"));
    const path = join(folder, "file");
    const expected = { bytes: records.length, sha256: createHash("sha256").update(records).digest("hex") };
    const packed = new Uint8Array(gzipSync(records));
    for (let round = 0; round < 2000; round++) {
      await writeFile(path, mutate(round % 2 ? packed : records, random));
      try {
        // A change of gzip's own header, or none at all, leaves the content as it was.
        expect(Buffer.compare(await readPublished(path, expected), records)).toBe(0);
      } catch (error) {
        expect(["FILE_CORRUPT", "UNSUPPORTED_FORMAT"]).toContain((error as MlrSnetError).code);
      }
    }
    await rm(folder, { recursive: true });
  });
});

describe("loadDataset", () => {
  const dataDir = fileURLToPath(new URL("../../../shared/data", import.meta.url));
  const skip = !existsSync(dataDir) && process.env.CI !== "true";
  it.skipIf(skip).each([
    ["mnist", 60_000],
    ["fashion-mnist", 60_000],
    ["cifar-10", 20_000],
  ])(
    "loads the real %s, normalised to mean 0 and deviation 1 (skipped without ../shared/data)",
    async (name, trainCount) => {
      const { train, test } = await loadDataset(name, { dataDir, download: false });
      expect([train.labels.length, test.labels.length]).toEqual([trainCount, 10_000]);
      checkDataset(train);
      checkDataset(test);
      let [sum, squares] = [0, 0];
      for (const value of decodedInputs(train)) {
        sum += value;
        squares += value * value;
      }
      // Two of CIFAR-10's five batches do not have the mean of all.
      const tolerance = name === "cifar-10" ? 0.01 : 1e-3;
      expect(Math.abs(sum / train.inputs.length)).toBeLessThan(tolerance);
      expect(Math.abs(squares / train.inputs.length - 1)).toBeLessThan(tolerance);
    },
  );
});
