import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cifar10Source, loadCifar10, parseCifar10 } from "./cifar10.ts";
import { decodedInputs } from "./examples.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-cifar-"));
  await mkdir(join(folder, "tiny"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Two records: all red pixels are `red`, green 0, blue 255; the labels are 3 and 9. */
function tinyBatch(red: number): Uint8Array {
  const record = (label: number) => [
    label,
    ...Array<number>(1024).fill(red),
    ...Array<number>(1024).fill(0),
    ...Array<number>(1024).fill(255),
  ];
  return Uint8Array.from([...record(3), ...record(9)]);
}

function tinySource(): Cifar10Source {
  const file = (name: string, red: number) => ({
    name,
    bytes: 2 * 3073,
    sha256: createHash("sha256").update(tinyBatch(red)).digest("hex"),
    archive: "https://example.org/tiny.tar.gz",
  });
  return {
    name: "tiny",
    batchSize: 2,
    train: [file("one.bin", 10), file("two.bin", 20), file("three.bin", 30)],
    test: file("test.bin", 40),
  };
}

const save = (name: string, bytes: Uint8Array) => writeFile(join(folder, "tiny", name), bytes);
const load = () => loadCifar10(tinySource(), { dataDir: folder, env: { XDG_CACHE_HOME: folder } });

describe("loadCifar10", () => {
  it("normalises each channel by itself, from gzipped and plain files", async () => {
    await save("one.bin.gz", gzipSync(tinyBatch(10)));
    await save("test.bin", tinyBatch(40));
    const { train, test } = await load();
    expect([[...train.labels], train.inputShape]).toEqual([
      [3, 9],
      [3, 32, 32],
    ]);
    expect(decodedInputs(train)[0]).toBeCloseTo((10 / 255 - 0.4914) / 0.247, 5);
    expect(decodedInputs(test)[3072]).toBeCloseTo((40 / 255 - 0.4914) / 0.247, 5);
    expect(decodedInputs(train)[1024]).toBeCloseTo(-0.4822 / 0.2435, 5);
    expect(decodedInputs(train)[2 * 3072 - 1]).toBeCloseTo((1 - 0.4465) / 0.2616, 5);
  });

  it("takes the training batches that are there, in their order", async () => {
    for (const [name, red] of [
      ["one", 10],
      ["three", 30],
      ["test", 40],
    ] as const)
      await save(`${name}.bin`, tinyBatch(red));
    const { train } = await load();
    expect(train.labels).toHaveLength(4);
    expect(decodedInputs(train)[2 * 3072]).toBeCloseTo((30 / 255 - 0.4914) / 0.247, 5);
  });

  it("names the archive and the place where a file is missing", async () => {
    await expect(load()).rejects.toMatchObject({
      code: "DATA_NOT_FOUND",
      message: expect.stringMatching(
        /^Expected one\.bin .*tiny\.tar\.gz alone.*save it as .*tiny\/one\.bin\.$/,
      ),
    });
  });

  it("refuses a file with one other pixel by its checksum", async () => {
    const bytes = tinyBatch(10);
    bytes[5]!++;
    await save("one.bin", bytes);
    await save("test.bin", tinyBatch(40));
    await expect(load()).rejects.toMatchObject({ code: "FILE_CORRUPT" });
  });
});

describe("loadCifar10 on another file", () => {
  it("says of whole records of another number that they are another file", async () => {
    await save("one.bin", tinyBatch(10).subarray(0, 3073));
    await save("test.bin", tinyBatch(40));
    await expect(load()).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
      message: expect.stringMatching(
        /to hold 6146 bytes .* got 3073 bytes: 1 whole records\. It is another file/,
      ),
    });
  });

  it("says of a pickle that it is one, and of CIFAR-100 that its records are longer", async () => {
    await save("test.bin", tinyBatch(40));
    for (const [bytes, words] of [
      [Uint8Array.from([0x80, 2, 125, 113]), "a pickle of Python"],
      [new Uint8Array(3 * 3074), "3 records of CIFAR-100's form"],
    ] as const) {
      await save("one.bin", bytes);
      await expect(load()).rejects.toMatchObject({
        code: "UNSUPPORTED_FORMAT",
        message: expect.stringContaining(words),
      });
    }
  });
});

describe("parseCifar10", () => {
  it.each([
    ["a byte too few", tinyBatch(1).subarray(1), "2 records"],
    ["a label of 10", tinyBatch(1).fill(10, 3073, 3074), "got 10 for image 1"],
  ])("refuses %s and says so", (_, bytes, words) => {
    expect(() => parseCifar10(bytes, "batch.bin", 2)).toThrow(
      expect.objectContaining({ code: "FILE_CORRUPT", message: expect.stringContaining(words) }),
    );
  });
});
