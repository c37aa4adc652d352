import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fetchDataset, listDatasets, loadDataset } from "./catalogue.ts";
import { checkDataset } from "./check-dataset.ts";
import { generateMnist1d } from "./mnist1d.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-catalogue-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const names = ["mnist1d", "mnist", "fashion-mnist", "cifar-10", "sms-spam", "tiny-shakespeare"];

describe("listDatasets", () => {
  it("lists every data set with a licence, and only the embedded one is ready in an empty folder", () => {
    const list = listDatasets({ env: { XDG_CACHE_HOME: folder } });
    expect(list.map(({ name }) => name)).toEqual(names);
    for (const entry of list) {
      expect(entry.licence).not.toBe("");
      expect(entry.found).toBeNull();
      expect(entry.missing.length > 0).toBe(!entry.embedded);
      expect(JSON.parse(JSON.stringify(entry))).toEqual(entry);
    }
  });

  it("names the folder of a whole data set and the missing files of another", async () => {
    for (const name of ["mnist", "fashion-mnist"]) await mkdir(join(folder, name));
    const files = listDatasets({ env: { XDG_CACHE_HOME: folder } })[1]!.missing;
    for (const file of files) await writeFile(join(folder, "mnist", file), "");
    await writeFile(join(folder, "fashion-mnist", files[0]!), "");
    const [, mnist, fashion] = listDatasets({ dataDir: folder, env: { XDG_CACHE_HOME: folder } });
    expect(mnist).toMatchObject({ found: join(folder, "mnist"), missing: [] });
    expect(fashion).toMatchObject({ found: null, missing: files.slice(1) });
  });
});

describe("loadDataset", () => {
  it("generates MNIST-1D of the given seed, as the catalogue says, without any file", async () => {
    const sets = await loadDataset("mnist1d", { seed: 5, dataDir: folder, env: {}, download: false });
    expect(sets.train.inputs.subarray(0, 400)).toEqual(
      generateMnist1d({ seed: 5 }).train.inputs.subarray(0, 400),
    );
    const { sizes, shape, classes } = listDatasets()[0]!;
    for (const part of ["train", "test"] as const) {
      expect(checkDataset(sets[part]).labels).toHaveLength(sizes[part]);
      expect(sets[part]).toMatchObject({ inputShape: shape, classes });
    }
  });

  it("says what to do where the data folder is empty", async () => {
    const options = { dataDir: folder, env: { XDG_CACHE_HOME: folder }, download: false };
    for (const attempt of [loadDataset("mnist", options), fetchDataset("mnist", options)])
      await expect(attempt).rejects.toMatchObject({
        code: "DATA_NOT_FOUND",
        message: expect.stringMatching(
          /train-images-idx3-ubyte\.gz.*mlr-snet data fetch mnist.*from https:\/\/.*mnist.*save it as /,
        ),
      });
  });

  it("lists the names where one is unknown, and suggests the nearest", async () => {
    await expect(loadDataset("mnist2d")).rejects.toMatchObject({
      code: "UNKNOWN_NAME",
      message: `Expected the data set to be one of ${names.join(", ")}, got "mnist2d". Did you mean \`mnist1d\`?`,
    });
  });
});

describe("a data set that is published in an archive", () => {
  it("is found where its needed parts are, gzipped or not, and fetched with the further parts that are there", async () => {
    const options = { dataDir: folder, env: { XDG_CACHE_HOME: folder } };
    const files = ["data_batch_1.bin", "test_batch.bin.gz", "data_batch_4.bin"];
    await mkdir(join(folder, "cifar-10"));
    for (const file of files) await writeFile(join(folder, "cifar-10", file), "");
    const listing = listDatasets(options).find(({ name }) => name === "cifar-10");
    expect(listing).toMatchObject({ found: join(folder, "cifar-10"), missing: [] });
    expect(await fetchDataset("cifar-10", options)).toEqual(
      files.map((file) => join(folder, "cifar-10", file)),
    );
  });
});

describe("fetchDataset", () => {
  it("has nothing to fetch for the embedded data set", async () => {
    expect(await fetchDataset("mnist1d")).toEqual([]);
  });
});
