import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { MlrSnetError } from "../errors.ts";
import { unreadable } from "./reasons.ts";

/** @throws {MlrSnetError} `FILE_NOT_FOUND`, `FILE_UNREADABLE` with the path and the reason. */
export async function readBytes(path: string | URL): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** The bytes of a file; undefined where there is none (yet). @throws {MlrSnetError} `FILE_UNREADABLE`. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  return await readBytes(path).catch(nothingIfMissing);
}

/** The text of a file; undefined where there is none (yet). @throws {MlrSnetError} `FILE_UNREADABLE`. */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  const bytes = await readIfThere(path);
  try {
    return bytes && new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** @throws {MlrSnetError} `FILE_NOT_FOUND`, `FILE_UNREADABLE`. */
export function readTextSync(path: string | URL): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/**
 * What is read from the bytes of a file; undefined where there is none (yet).
 *
 * @param decode its errors of ours say which file it was.
 * @throws {MlrSnetError} `FILE_UNREADABLE`; as `decode`.
 */
export async function decodeIfThere<T>(
  path: string,
  decode: (bytes: Uint8Array) => T,
): Promise<T | undefined> {
  const bytes = await readIfThere(path);
  return bytes && named(path, () => decode(bytes));
}

/** Runs a reader of a file's content; its error says which file it was. */
export function named<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw withPath(path, error);
  }
}

/** An error of ours about a file's content, with the path before it; another as it is. */
export function withPath(path: string, error: unknown): unknown {
  if (!(error instanceof MlrSnetError)) return error;
  return new MlrSnetError(error.code, `${path}: ${error.message}`, { cause: error });
}

function nothingIfMissing(error: unknown): undefined {
  if (error instanceof MlrSnetError && error.code === "FILE_NOT_FOUND") return undefined;
  throw error;
}
