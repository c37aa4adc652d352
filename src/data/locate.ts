import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { MlrSnetError } from "../errors.ts";
import { isFile, listFolder } from "../files/internal.ts";
import { checkOptionNames, type OptionNames } from "../schedules/internal.ts";
import { type DownloadOptions, downloadFile } from "./download.ts";
import { isFolderOf, isInnerFolder, namesOf } from "./file-names.ts";

/** A published file and where it can be had; the addresses are tried in their order. */
export type RemoteFile = { name: string; bytes: number; sha256: string; addresses: readonly string[] };

/** A file that no address gives alone: `archive` holds it and is unpacked by hand. `sha256` where it is known. */
export type ArchivedFile = { name: string; bytes: number; sha256?: string; archive: string };

export type DataOptions = DownloadOptions & {
  /** Folder of data sets: `<dataDir>/<data set>/<file>`. Searched first. */
  dataDir?: string | undefined;
  /** False: what is not on this machine is an error. Default true. */
  download?: boolean | undefined;
  /** Default `process.env`, of which `MLR_SNET_DATA` and `XDG_CACHE_HOME` are read. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
};

/** @throws {MlrSnetError} `INVALID_ARGUMENT` for options that data have not, with the nearest name. */
export function checkDataOptions(
  what: string,
  options: object,
  others: Readonly<Record<string, true>> = {},
): void {
  checkOptionNames<object>(what, options, { ...dataOptionNames, ...others });
}

/** `seed` is taken everywhere: data sets that are not generated have no use for it. */
const dataOptionNames: OptionNames<DataOptions & { seed?: number }> = {
  dataDir: true,
  download: true,
  env: true,
  onProgress: true,
  idleTimeout: true,
  seed: true,
};

/**
 * The folders searched for data sets, first to last: `dataDir`, `MLR_SNET_DATA`, the user's cache
 * (`$XDG_CACHE_HOME/mlr-snet/data` or `~/.cache/mlr-snet/data`). Downloads go to the first.
 */
export function dataFolders(options: DataOptions = {}): string[] {
  const env = options.env ?? process.env;
  // The XDG specification has relative paths ignored.
  const base = env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : undefined;
  const cache = join(base ?? join(homedir(), ".cache"), "mlr-snet", "data");
  const given = [options.dataDir, env.MLR_SNET_DATA].filter(
    (folder) => folder !== undefined && folder !== "",
  );
  return [...given.map((folder) => resolve(folder!)), cache];
}

/**
 * The path of a data set's file in the first folder that has it, or `undefined`; the file may be gzipped or not.
 *
 * Within a folder the data set's own name is looked at first, then the same in other letters (`MNIST`, `CIFAR10`), then
 * the folder itself if that is its name; and in each `raw`, as torchvision has it, and what the archives unpack to.
 * Files are taken under the names of `namesOf`, in any letter case.
 */
export function findFile(dataset: string, file: string, options: DataOptions = {}): string | undefined {
  const wanted = namesOf(file);
  for (const folder of dataFolders(options).flatMap((base) => foldersOf(dataset, base))) {
    const exact = wanted.map((name) => join(folder, name)).find(isFile);
    if (exact !== undefined) return exact;
    const entries = listFolder(folder);
    for (const name of wanted) {
      const found = entries.find((entry) => entry.toLowerCase() === name.toLowerCase());
      if (found !== undefined && isFile(join(folder, found))) return join(folder, found);
    }
  }
  return undefined;
}

/** The folders below a base that may hold the data set, best first. */
function foldersOf(dataset: string, base: string): string[] {
  const entries = listFolder(base);
  const named = entries.filter((name) => name !== dataset && isFolderOf(dataset, name));
  const own = isFolderOf(dataset, basename(base)) ? [base] : [];
  const parent = isInnerFolder(basename(base)) && isFolderOf(dataset, basename(dirname(base))) ? [base] : [];
  const outer = [join(base, dataset), ...named.map((name) => join(base, name)), ...own];
  const inner = (folder: string) => listFolder(folder).filter(isInnerFolder);
  return [
    ...outer.flatMap((folder) => [folder, ...inner(folder).map((name) => join(folder, name))]),
    ...parent,
  ];
}

/**
 * The path of a data set's file, downloaded to the first folder of `dataFolders` if no folder has it.
 *
 * @throws {MlrSnetError} `DATA_NOT_FOUND`, naming file, addresses and folders; `FILE_UNWRITABLE`.
 */
export async function obtainFile(
  dataset: string,
  file: RemoteFile | ArchivedFile,
  options: DataOptions = {},
): Promise<string> {
  const found = findFile(dataset, file.name, options);
  if (found !== undefined) return found;
  if ("archive" in file)
    throw notFound(dataset, file, options, `It is published in ${file.archive} alone: unpack that.`);
  if (options.download === false) {
    const why = `Get it with \`mlr-snet data fetch ${dataset}\`, or from ${file.addresses.join(" or ")}.`;
    throw notFound(dataset, file, options, why);
  }
  const path = join(dataFolders(options)[0]!, dataset, file.name);
  const failures: MlrSnetError[] = [];
  for (const address of file.addresses) {
    try {
      await downloadFile(address, path, file, options);
      return path;
    } catch (error) {
      if (!(error instanceof MlrSnetError) || error.code === "FILE_UNWRITABLE") throw error;
      failures.push(error);
    }
  }
  throw notFound(dataset, file, options, failures.map((failure) => failure.message).join(" "), failures);
}

/** What to say where only an edition lies there that is not read: torchvision's CIFAR-10 is made of Python pickles. */
function otherEdition(dataset: string, options: DataOptions): string {
  const isPython = (name: string) => /batches-py$/i.test(name);
  const places = dataFolders(options).flatMap((base) => [base, ...foldersOf(dataset, base)]);
  const found = places.find((folder) =>
    listFolder(folder).some((name) => isPython(name) && name.startsWith(dataset)),
  );
  return found === undefined ? "" : `What lies in ${found} is the Python version, which is not read. `;
}

function notFound(
  dataset: string,
  file: { name: string },
  options: DataOptions,
  why: string,
  cause?: unknown,
): MlrSnetError {
  const folders = dataFolders(options).map((folder) => join(folder, dataset));
  return new MlrSnetError(
    "DATA_NOT_FOUND",
    `Expected ${file.name} of data set \`${dataset}\` in ${folders.join(" or ")}, gzipped or not, got none. ${otherEdition(dataset, options)}${why} ` +
      `To bring it by hand, save it as ${join(folders[0]!, file.name)}.`,
    { cause },
  );
}
