import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { MlrSnetError } from "../errors.ts";

/** What a file must be: `bytes` long with the SHA-256 `sha256` (hexadecimal, lower case). */
export type Expected = { bytes: number; sha256: string };

/** How far the download of one file is. */
export type DownloadProgress = { address: string; path: string; received: number; total: number };

export type DownloadOptions = {
  /** Called after each piece, at the latest with `received` = `total`. */
  onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Milliseconds without any data after which the download fails. Default 30,000. */
  idleTimeout?: number | undefined;
};

let downloads = 0;

/**
 * Downloads a file to `path`: into a file beside it, checked, synced and renamed, so that `path` is whole or absent.
 *
 * @throws {MlrSnetError} `DATA_NOT_FOUND` where the server does not give the file, `FILE_CORRUPT` where it is another
 * file, `FILE_UNWRITABLE` where it cannot be stored. In each case nothing stays behind.
 */
export async function downloadFile(
  address: string,
  path: string,
  expected: Expected,
  options: DownloadOptions = {},
): Promise<void> {
  // Neither another process nor another call of this one writes to the same file.
  const partial = `${path}.${process.pid}-${downloads++}.part`;
  const hash = createHash("sha256");
  let received = 0;
  let handle: FileHandle | undefined;
  try {
    for await (const piece of receive(address, options.idleTimeout ?? 30_000)) {
      // Opened late: a server that gives nothing leaves no folder behind.
      handle ??= await storing(path, () => create(partial));
      const file = handle;
      received += piece.length;
      if (received > expected.bytes) break;
      hash.update(piece);
      await storing(path, () => file.appendFile(piece));
      options.onProgress?.({ address, path, received, total: expected.bytes });
    }
    const file = handle;
    if (file === undefined || received !== expected.bytes || hash.digest("hex") !== expected.sha256)
      throw new MlrSnetError(
        "FILE_CORRUPT",
        `Expected ${address} to be ${expected.bytes} bytes with SHA-256 ${expected.sha256}, got another file.`,
      );
    await storing(path, async () => {
      await file.sync();
      await file.close();
      await rename(partial, path);
    });
  } catch (error) {
    if (handle !== undefined) {
      await handle.close().catch(() => {});
      await rm(partial, { force: true });
    }
    throw error;
  }
}

async function create(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true });
  return open(path, "wx");
}

/** The body of the answer, piece by piece. */
async function* receive(address: string, idleTimeout: number): AsyncGenerator<Uint8Array> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error(`no data for ${idleTimeout / 1000} s`)), idleTimeout);
  try {
    // Another encoding would be undone on the way, and the checksum is that of the file as it is published.
    const headers = { "accept-encoding": "identity" };
    const response = await fetch(address, { signal: abort.signal, headers });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    for await (const piece of response.body ?? []) {
      timer.refresh();
      yield piece;
    }
  } catch (cause) {
    throw new MlrSnetError("DATA_NOT_FOUND", `Expected to download ${address}, got ${reason(cause)}.`, {
      cause,
    });
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

/** Runs a step that needs the disk. */
async function storing<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new MlrSnetError(
      "FILE_UNWRITABLE",
      `Expected to store ${path}, got: ${(cause as Error).message}. Free space or choose another folder.`,
      { cause },
    );
  }
}

/** The innermost cause: `fetch` itself only says "fetch failed". */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return reason(error.cause);
  const { code } = error as NodeJS.ErrnoException;
  return error.message || code || error.name;
}
