import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FileServer, serve } from "../../test/file-server.ts";
import { dataFolders, findFile, obtainFile, type RemoteFile } from "./locate.ts";

const content = "some data";
let folder: string;
let server: FileServer;
/** Paths that the server was asked for. */
let asked: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-locate-"));
  asked = [];
  server = await serve((request, response) => {
    asked.push(request.url!);
    if (request.url === "/good/file") response.end(content);
    else response.writeHead(404).end();
  });
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

function remote(...places: string[]): RemoteFile {
  const sha256 = createHash("sha256").update(content).digest("hex");
  const addresses = places.map((place) => `${server.address}${place}/file`);
  return { name: "file", bytes: content.length, sha256, addresses };
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

describe("dataFolders", () => {
  it("puts the given folder before MLR_SNET_DATA before the user's cache", () => {
    const env = { MLR_SNET_DATA: "/b", XDG_CACHE_HOME: "/c" };
    expect(dataFolders({ dataDir: "/a", env })).toEqual(["/a", "/b", "/c/mlr-snet/data"]);
  });

  it("falls back to ~/.cache, and ignores empty variables and a relative XDG_CACHE_HOME", () => {
    const home = join(homedir(), ".cache", "mlr-snet", "data");
    expect(dataFolders({ env: {} })).toEqual([home]);
    expect(dataFolders({ env: { MLR_SNET_DATA: "", XDG_CACHE_HOME: "cache" } })).toEqual([home]);
  });
});

describe("findFile", () => {
  it("finds a file in the first folder that has it and takes no folder for a file", async () => {
    const [first, second] = [join(folder, "first"), join(folder, "second")];
    const options = { dataDir: first, env: { MLR_SNET_DATA: second, XDG_CACHE_HOME: folder } };
    await mkdir(join(first, "set", "file"), { recursive: true });
    expect(findFile("set", "file", options)).toBeUndefined();
    await put(join(second, "set", "file"), "");
    expect(findFile("set", "file", options)).toBe(join(second, "set", "file"));
  });

  it("refuses a given folder that is a file", async () => {
    await put(join(folder, "plain"), "");
    expect(() => findFile("set", "file", { dataDir: join(folder, "plain"), env: {} })).toThrow(
      expect.objectContaining({
        code: "FILE_UNREADABLE",
        message: expect.stringContaining("a part of the path is a file"),
      }),
    );
  });
});

describe("findFile on the forms that data lie about in", () => {
  const options = () => ({ dataDir: folder, env: { XDG_CACHE_HOME: join(folder, "none") } });
  const images = "train-images-idx3-ubyte.gz";

  it.each([
    ["unpacked", "mnist", images, "mnist/train-images-idx3-ubyte"],
    ["with a dot in its name", "mnist", images, "mnist/train-images.idx3-ubyte"],
    ["with a dot in its name, gzipped", "mnist", images, "mnist/train-images.idx3-ubyte.gz"],
    ["as torchvision has it", "mnist", images, "MNIST/raw/train-images-idx3-ubyte"],
    ["as torchvision has it, gzipped", "mnist", images, "MNIST/raw/train-images-idx3-ubyte.gz"],
    [
      "as torchvision has it, of another set",
      "fashion-mnist",
      images,
      "FashionMNIST/raw/train-images-idx3-ubyte",
    ],
    ["in a folder in other letters", "fashion-mnist", images, "Fashion_MNIST/train-images-idx3-ubyte.gz"],
    ["in other letters itself", "mnist", images, "mnist/TRAIN-images-idx3-ubyte.GZ"],
    [
      "as the archive of CIFAR-10 unpacks",
      "cifar-10",
      "data_batch_1.bin",
      "cifar-10-batches-bin/data_batch_1.bin",
    ],
    [
      "in the archive's folder",
      "cifar-10",
      "data_batch_1.bin",
      "cifar-10/cifar-10-batches-bin/data_batch_1.bin",
    ],
    ["in CIFAR10, gzipped", "cifar-10", "test_batch.bin", "CIFAR10/test_batch.bin.gz"],
    ["with an ending", "sms-spam", "SMSSpamCollection", "sms-spam/SMSSpamCollection.txt"],
    ["in its archive's folder", "sms-spam", "SMSSpamCollection", "SMSSpamCollection/SMSSpamCollection"],
    ["under the text's name", "tiny-shakespeare", "input.txt", "tinyshakespeare/tinyshakespeare.txt"],
  ])("finds a file %s", async (_, dataset, file, place) => {
    await put(join(folder, place), "");
    expect(findFile(dataset, file, options())).toBe(join(folder, place));
  });

  it("finds the files where the folder of the data set itself is given, and `raw` in it", async () => {
    await put(join(folder, "MNIST", "raw", "train-images-idx3-ubyte"), "");
    for (const given of [join(folder, "MNIST"), join(folder, "MNIST", "raw")])
      expect(findFile("mnist", images, { ...options(), dataDir: given })).toBe(
        join(folder, "MNIST", "raw", "train-images-idx3-ubyte"),
      );
    expect(
      findFile("fashion-mnist", images, { ...options(), dataDir: join(folder, "MNIST") }),
    ).toBeUndefined();
  });

  it("prefers the name that is ours, and takes no data set for another", async () => {
    await put(join(folder, "MNIST", "raw", "train-images-idx3-ubyte"), "");
    expect(findFile("fashion-mnist", images, options())).toBeUndefined();
    await put(join(folder, "mnist", images), "");
    expect(findFile("mnist", images, options())).toBe(join(folder, "mnist", images));
  });

  it("says that torchvision's CIFAR-10 is the Python version", async () => {
    await put(join(folder, "cifar-10-batches-py", "data_batch_1"), "");
    const file = { name: "data_batch_1.bin", bytes: 1, archive: "https://example.org/cifar.tar.gz" };
    await expect(obtainFile("cifar-10", file, options())).rejects.toMatchObject({
      code: "DATA_NOT_FOUND",
      message: expect.stringContaining("is the Python version, which is not read"),
    });
  });
});

describe("obtainFile", () => {
  it("uses a file that is there without asking the network", async () => {
    await put(join(folder, "set", "file"), "the user's own");
    const path = await obtainFile("set", remote("good"), { dataDir: folder, env: {} });
    expect(await readFile(path, "utf8")).toBe("the user's own");
    expect(asked).toEqual([]);
  });

  it("downloads to the user's cache, from the next address where one fails, and only once", async () => {
    const options = { env: { XDG_CACHE_HOME: folder } };
    const path = await obtainFile("set", remote("bad", "good"), options);
    expect(path).toBe(join(folder, "mlr-snet", "data", "set", "file"));
    expect(await readFile(path, "utf8")).toBe(content);
    expect(asked).toEqual(["/bad/file", "/good/file"]);
    await obtainFile("set", remote("bad", "good"), options);
    expect(asked).toHaveLength(2);
  });

  it("names file, address, folder and reason where the file cannot be had", async () => {
    const file = remote("bad");
    await expect(obtainFile("set", file, { dataDir: folder, env: {} })).rejects.toMatchObject({
      code: "DATA_NOT_FOUND",
      message: expect.stringMatching(
        new RegExp(`file of data set \`set\` in ${folder}/set .*${file.addresses[0]}.*HTTP 404`),
      ),
    });
  });

  it("does not ask the network where downloading is switched off", async () => {
    const options = { dataDir: folder, env: {}, download: false };
    await expect(obtainFile("set", remote("good"), options)).rejects.toMatchObject({
      code: "DATA_NOT_FOUND",
      message: expect.stringContaining("mlr-snet data fetch"),
    });
    expect(asked).toEqual([]);
  });

  it("does not try another address where the file cannot be stored", async () => {
    // A folder stands where the file should be.
    await mkdir(join(folder, "set", "file"), { recursive: true });
    const options = { dataDir: folder, env: {} };
    await expect(obtainFile("set", remote("good", "good"), options)).rejects.toMatchObject({
      code: "FILE_UNWRITABLE",
    });
    expect(asked).toEqual(["/good/file"]);
  });
});
