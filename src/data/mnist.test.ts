import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serve } from "../../test/file-server.ts";
import { decodedInputs } from "./examples.ts";
import { encodeIdx } from "./idx.ts";
import { loadMnist, type MnistSource, mnistSource, readImages } from "./mnist.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-mnist-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** `count` images: the pixels of image i are all i; its label is i mod 10. */
function tiny(count: number): { images: Uint8Array; labels: Uint8Array } {
  const pixels = Uint8Array.from({ length: count * 784 }, (_, index) => Math.floor(index / 784));
  const labels = Uint8Array.from({ length: count }, (_, index) => index % 10);
  return {
    images: gzipSync(encodeIdx({ shape: [count, 28, 28], data: pixels })),
    labels: gzipSync(encodeIdx({ shape: [count], data: labels })),
  };
}

/** A source of 20 training and 10 test images, and its files by name. */
function tinySource(address: string): { source: MnistSource; files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>();
  const remote = (name: string, bytes: Uint8Array) => {
    files.set(name, bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { name, bytes: bytes.length, sha256, addresses: [address + name] };
  };
  const [train, test] = [tiny(20), tiny(10)];
  const source = {
    name: "tiny",
    mean: 0.5,
    deviation: 0.25,
    sizes: { train: 20, test: 10 },
    files: {
      trainImages: remote("train-images", train.images),
      trainLabels: remote("train-labels", train.labels),
      testImages: remote("test-images", test.images),
      testLabels: remote("test-labels", test.labels),
    },
  };
  return { source, files };
}

describe("loadMnist", () => {
  it("downloads, unpacks and normalises all four files", async () => {
    let files = new Map<string, Uint8Array>();
    const server = await serve((request, response) => response.end(files.get(request.url!.slice(1))));
    const made = tinySource(server.address);
    files = made.files;
    const { train, test } = await loadMnist(made.source, { dataDir: folder, env: {} });
    await server.close();
    expect([train.labels.length, test.labels.length]).toEqual([20, 10]);
    expect(train.inputShape).toEqual([1, 28, 28]);
    expect(train.inputs).toHaveLength(20 * 784);
    expect([...test.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(decodedInputs(train)[19 * 784 + 5]).toBeCloseTo((19 / 255 - 0.5) / 0.25, 6);
  });

  it("finds the files as torchvision leaves them, unpacked and with dots in their names", async () => {
    const { source, files } = tinySource("http://127.0.0.1:1/");
    await mkdir(join(folder, "TINY", "raw"), { recursive: true });
    for (const [name, bytes] of files) await writeFile(join(folder, "TINY", "raw", name), gunzipSync(bytes));
    const { train, test } = await loadMnist(source, { dataDir: folder, env: {} });
    expect([train.labels.length, test.labels.length]).toEqual([20, 10]);
  });

  it("says of a smaller test set that it is whole but another one", async () => {
    const { source, files } = tinySource("http://127.0.0.1:1/");
    await mkdir(join(folder, "tiny"));
    for (const [name, bytes] of files) await writeFile(join(folder, "tiny", name), bytes);
    await writeFile(join(folder, "tiny", "test-images"), tiny(4).images);
    await expect(loadMnist(source, { dataDir: folder, env: {} })).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
      message: expect.stringMatching(
        /test-images to hold \[10, 28, 28\] numbers, got \[4, 28, 28\]\. It is another file than the published one .* as data of your own/,
      ),
    });
  });

  it("refuses a damaged local file and leaves it untouched", async () => {
    const { source, files } = tinySource("http://127.0.0.1:1/");
    await mkdir(join(folder, "tiny"));
    for (const [name, bytes] of files) await writeFile(join(folder, "tiny", name), bytes);
    const path = join(folder, "tiny", "test-images");
    const damaged = files.get("test-images")!.slice(0, -9);
    await writeFile(path, damaged);
    await expect(loadMnist(source, { dataDir: folder, env: {} })).rejects.toMatchObject({
      code: "FILE_CORRUPT",
      message: expect.stringContaining(path),
    });
    expect(new Uint8Array(await readFile(path))).toEqual(new Uint8Array(damaged));
  });
});

describe("readImages", () => {
  it("refuses another number of images or labels, and a label above 9", async () => {
    const { images, labels } = tiny(10);
    const [imagesPath, labelsPath] = [join(folder, "images"), join(folder, "labels")];
    await writeFile(imagesPath, images);
    await writeFile(labelsPath, labels);
    await expect(readImages(mnistSource, imagesPath, labelsPath, 11)).rejects.toThrow(
      "to hold [11, 28, 28] numbers, got [10, 28, 28]",
    );
    await writeFile(labelsPath, tiny(9).labels);
    await expect(readImages(mnistSource, imagesPath, labelsPath, 10)).rejects.toThrow("to hold [10] numbers");
    await writeFile(labelsPath, encodeIdx({ shape: [10], data: new Uint8Array(10).fill(10) }));
    await expect(readImages(mnistSource, imagesPath, labelsPath, 10)).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
      message: expect.stringContaining("to hold labels 0 to 9, got 10. It is another file"),
    });
  });

  const real = fileURLToPath(new URL("../../../shared/data/mnist", import.meta.url));
  const skip = !existsSync(real) && process.env.CI !== "true";
  it.skipIf(skip)("reads the real test set of MNIST (skipped without ../shared/data)", async () => {
    const images = join(real, "t10k-images-idx3-ubyte.gz");
    const labels = join(real, "t10k-labels-idx1-ubyte.gz");
    const test = await readImages(mnistSource, images, labels, 10_000);
    expect([...test.labels.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    let sum = 0;
    for (const value of decodedInputs(test)) sum += value;
    expect(Math.abs(sum / test.inputs.length)).toBeLessThan(0.01);
  });
});
