import { statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { MlrSnetError } from "../errors.ts";
import { type DownloadOptions, downloadFile } from "./download.ts";

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

/** The path of a data set's file, or of the same file gzipped, in the first folder that has it, or `undefined`. */
export function findFile(dataset: string, file: string, options: DataOptions = {}): string | undefined {
  return dataFolders(options)
    .flatMap((folder) => [join(folder, dataset, file), join(folder, dataset, `${file}.gz`)])
    .find(isFile);
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch (cause) {
    throw new MlrSnetError(
      "FILE_UNREADABLE",
      `Expected to look for ${path}, got: ${(cause as Error).message}. Allow reading or give another folder.`,
      { cause },
    );
  }
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
    `Expected ${file.name} of data set \`${dataset}\` in ${folders.join(" or ")}, got none. ${why} ` +
      `To bring it by hand, save it as ${join(folders[0]!, file.name)}.`,
    { cause },
  );
}
