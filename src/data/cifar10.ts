import { anotherFile, corrupt, readPublished } from "./data-file.ts";
import type { Dataset, Pixels, TrainTest } from "./dataset.ts";
import { type ArchivedFile, checkDataOptions, type DataOptions, findFile, obtainFile } from "./locate.ts";

/** A data set of CIFAR-10's form; of the training batches the first is needed, the others are used where they are. */
export type Cifar10Source = {
  name: string;
  /** Images in one file. */
  batchSize: number;
  train: readonly ArchivedFile[];
  test: ArchivedFile;
};

const imageBytes = 3 * 32 * 32;
const recordBytes = 1 + imageBytes;

/** Of the 50,000 training images, scaled to 0 to 1: red, green, blue. */
const pixels: Pixels = { mean: [0.4914, 0.4822, 0.4465], deviation: [0.247, 0.2435, 0.2616] };

const batch = (name: string, sha256?: string): ArchivedFile => ({
  name,
  bytes: 10_000 * recordBytes,
  ...(sha256 && { sha256 }),
  archive: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
});

/** Photographs 32x32 of ten kinds of things: Krizhevsky, "Learning multiple layers of features from tiny images", 2009. */
export const cifar10Source: Cifar10Source = {
  name: "cifar-10",
  batchSize: 10_000,
  train: [
    batch("data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
    batch("data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
    batch("data_batch_3.bin"),
    batch("data_batch_4.bin"),
    batch("data_batch_5.bin"),
  ],
  test: batch("test_batch.bin", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"),
};

/** Images of a batch: pixels [N, 3, 32, 32], labels [N]. */
export type Cifar10Batch = { labels: Uint8Array; pixels: Uint8Array };

/**
 * Reads a binary batch: records of a label byte, then the red, green and blue plane of 32x32 pixels.
 *
 * @param count of the images that the file must hold. @param path is named in the errors.
 * @throws {MlrSnetError} `FILE_CORRUPT` unless it holds whole records with labels 0 to 9, `UNSUPPORTED_FORMAT` for whole
 * records of another number.
 * @see https://www.cs.toronto.edu/~kriz/cifar.html, "binary version".
 */
export function parseCifar10(bytes: Uint8Array, path: string, count: number): Cifar10Batch {
  if (bytes.length !== count * recordBytes) {
    const expected = `to hold ${count} records of ${recordBytes} bytes`;
    const records = recordsIn(bytes);
    if (records !== undefined) throw anotherFile(path, expected, records);
    throw corrupt(path, `${expected}, got ${bytes.length} bytes`);
  }
  const labels = new Uint8Array(count);
  const pixels = new Uint8Array(count * imageBytes);
  for (let image = 0; image < count; image++) {
    const start = image * recordBytes;
    labels[image] = bytes[start]!;
    pixels.set(bytes.subarray(start + 1, start + recordBytes), image * imageBytes);
  }
  const outside = labels.findIndex((label) => label > 9);
  if (outside >= 0) throw corrupt(path, `to hold labels 0 to 9, got ${labels[outside]} for image ${outside}`);
  return { labels, pixels };
}

/** What a file holds that is made of whole records, of CIFAR-10 or of CIFAR-100, which have two labels. */
function recordsIn(bytes: Uint8Array): string | undefined {
  const count = bytes.length / recordBytes;
  const isWhole = Number.isInteger(count) && count >= 1;
  if (
    isWhole &&
    Array.from({ length: count }, (_, image) => bytes[image * recordBytes]!).every((it) => it <= 9)
  )
    return `${count} whole records`;
  const ofHundred = bytes.length / (recordBytes + 1);
  return Number.isInteger(ofHundred) && ofHundred >= 1
    ? `${ofHundred} records of CIFAR-100's form`
    : undefined;
}

/**
 * Reads a data set of CIFAR-10's form: inputs [N, 3, 32, 32], bytes that stand for
 * (pixel / 255 - mean) / deviation by channel.
 *
 * @param options `batches`: at most so many of the training files; default all that are there.
 * @throws {MlrSnetError} `DATA_NOT_FOUND` if the first training batch or the test batch is nowhere, `FILE_CORRUPT`.
 */
export async function loadCifar10(
  source: Cifar10Source,
  options: DataOptions & { batches?: number } = {},
): Promise<TrainTest> {
  checkDataOptions("`loadCifar10`", options, { batches: true });
  const { name, batchSize } = source;
  const paths: [path: string, file: ArchivedFile][] = [];
  for (const [index, file] of source.train.slice(0, options.batches).entries()) {
    const path = index === 0 ? await obtainFile(name, file, options) : findFile(name, file.name, options);
    if (path !== undefined) paths.push([path, file]);
  }
  const testPath = await obtainFile(name, source.test, options);
  const train = emptyDataset(name, paths.length * batchSize);
  for (const [index, [path, file]] of paths.entries())
    await readInto(train, index * batchSize, path, file, batchSize);
  const test = emptyDataset(name, batchSize);
  await readInto(test, 0, testPath, source.test, batchSize);
  return { train, test };
}

function emptyDataset(name: string, count: number): Dataset & { inputs: Uint8Array } {
  return {
    name,
    inputs: new Uint8Array(count * imageBytes),
    inputShape: [3, 32, 32],
    pixels,
    labels: new Int32Array(count),
    classes: 10,
  };
}

/** Writes the images of a file into a data set, from image `start` on. */
async function readInto(
  { inputs, labels }: ReturnType<typeof emptyDataset>,
  start: number,
  path: string,
  file: ArchivedFile,
  count: number,
): Promise<void> {
  const batch = parseCifar10(await readPublished(path, file, recordsIn), path, count);
  labels.set(batch.labels, start);
  inputs.set(batch.pixels, start * imageBytes);
}
