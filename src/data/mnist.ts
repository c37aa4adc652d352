import { anotherFile } from "./data-file.ts";
import type { Dataset, TrainTest } from "./dataset.ts";
import { type Idx, readIdx } from "./idx.ts";
import { checkDataOptions, type DataOptions, obtainFile, type RemoteFile } from "./locate.ts";

/** A data set of MNIST's form: four IDX files of grey images 28x28 in ten classes. */
export type MnistSource = {
  name: string;
  /** Of the training pixels, scaled to 0 to 1. */
  mean: number;
  deviation: number;
  sizes: { train: number; test: number };
  files: Record<"trainImages" | "trainLabels" | "testImages" | "testLabels", RemoteFile>;
};

/** Handwritten digits: LeCun, Cortes, Burges. */
export const mnistSource: MnistSource = mnistLike(
  "mnist",
  { mean: 0.1307, deviation: 0.3081 },
  ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"],
  [
    [9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"],
    [28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"],
    [1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"],
    [4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"],
  ],
);

/** Articles of clothing: Xiao, Rasul, Vollgraf, arXiv 1708.07747. */
export const fashionMnistSource: MnistSource = mnistLike(
  "fashion-mnist",
  { mean: 0.286, deviation: 0.353 },
  ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"],
  [
    [26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"],
    [29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"],
    [4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"],
    [5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"],
  ],
);

type Checksum = readonly [bytes: number, sha256: string];

function mnistLike(
  name: string,
  statistics: { mean: number; deviation: number },
  folders: readonly string[],
  [trainImages, trainLabels, testImages, testLabels]: readonly [Checksum, Checksum, Checksum, Checksum],
): MnistSource {
  const file = (name: string, [bytes, sha256]: Checksum): RemoteFile => ({
    name,
    bytes,
    sha256,
    addresses: folders.map((folder) => folder + name),
  });
  return {
    name,
    ...statistics,
    sizes: { train: 60_000, test: 10_000 },
    files: {
      trainImages: file("train-images-idx3-ubyte.gz", trainImages),
      trainLabels: file("train-labels-idx1-ubyte.gz", trainLabels),
      testImages: file("t10k-images-idx3-ubyte.gz", testImages),
      testLabels: file("t10k-labels-idx1-ubyte.gz", testLabels),
    },
  };
}

/**
 * Reads a data set of MNIST's form, downloading what is missing: inputs [N, 1, 28, 28], bytes that stand for
 * (pixel / 255 - mean) / deviation.
 *
 * @throws {MlrSnetError} `DATA_NOT_FOUND` if a file is nowhere, `FILE_CORRUPT` if it is damaged, `UNSUPPORTED_FORMAT`
 * if it is whole but another one, such as a smaller test set.
 */
export async function loadMnist(source: MnistSource, options: DataOptions = {}): Promise<TrainTest> {
  checkDataOptions("`loadMnist`", options);
  const { files, sizes } = source;
  const read = async (images: RemoteFile, labels: RemoteFile, count: number): Promise<Dataset> => {
    const imagesPath = await obtainFile(source.name, images, options);
    const labelsPath = await obtainFile(source.name, labels, options);
    return readImages(source, imagesPath, labelsPath, count);
  };
  const train = await read(files.trainImages, files.trainLabels, sizes.train);
  return { train, test: await read(files.testImages, files.testLabels, sizes.test) };
}

/** One data set of `count` grey images from an IDX file of pixels [count, 28, 28] and one of labels [count]. */
export async function readImages(
  source: Pick<MnistSource, "name" | "mean" | "deviation">,
  imagesPath: string,
  labelsPath: string,
  count: number,
): Promise<Dataset> {
  const images = await readIdx(imagesPath);
  expectShape(images, imagesPath, [count, 28, 28]);
  const labels = await readIdx(labelsPath);
  expectShape(labels, labelsPath, [count]);
  const outside = labels.data.find((label) => label > 9);
  if (outside !== undefined) throw anotherFile(labelsPath, "to hold labels 0 to 9", `${outside}`);

  return {
    name: source.name,
    inputs: images.data,
    inputShape: [1, 28, 28],
    pixels: { mean: [source.mean], deviation: [source.deviation] },
    labels: Int32Array.from(labels.data),
    classes: 10,
  };
}

function expectShape(idx: Idx, path: string, shape: readonly number[]): void {
  if (idx.shape.join() !== shape.join())
    throw anotherFile(path, `to hold [${shape.join(", ")}] numbers`, `[${idx.shape.join(", ")}]`);
}
