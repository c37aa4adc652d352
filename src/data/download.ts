import { dirname } from "node:path";
import { MlrSnetError } from "../errors.ts";
import { makeFolder, PartialFile, startSha256 } from "../files/internal.ts";

/** What a file must be: `bytes` long with the SHA-256 `sha256` (hexadecimal, lower case). */
export type Expected = { bytes: number; sha256: string };

/** How far the download of one file is. */
export type DownloadProgress = { address: string; path: string; received: number; total: number };

export type DownloadOptions = {
  /** Called after each piece, at the latest with `received` = `total`. */
  onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Milliseconds of waiting for the server without any data after which the download fails. Default 30,000. */
  idleTimeout?: number | undefined;
};

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
  const hash = startSha256();
  let received = 0;
  let partial: PartialFile | undefined;
  try {
    for await (const piece of receive(address, options.idleTimeout ?? 30_000)) {
      // Opened late: a server that gives nothing leaves no folder behind.
      partial ??= await storing(path, () => create(path));
      const file = partial;
      received += piece.length;
      if (received > expected.bytes) break;
      hash.update(piece);
      await storing(path, () => file.write(piece));
      options.onProgress?.({ address, path, received, total: expected.bytes });
    }
    const file = partial;
    if (file === undefined || received !== expected.bytes || hash.digest("hex") !== expected.sha256)
      throw new MlrSnetError(
        "FILE_CORRUPT",
        `Expected ${address} to be ${expected.bytes} bytes with SHA-256 ${expected.sha256}, got another file.`,
      );
    await storing(path, () => file.replace());
  } catch (error) {
    await partial?.discard();
    throw error;
  }
}

async function create(path: string): Promise<PartialFile> {
  await makeFolder(dirname(path));
  return await PartialFile.create(path);
}

/** The body of the answer, piece by piece. */
async function* receive(address: string, idleTimeout: number): AsyncGenerator<Uint8Array> {
  const abort = new AbortController();
  try {
    // Another encoding would be undone on the way, and the checksum is that of the file as it is published.
    const headers = { "accept-encoding": "identity" };
    const response = await within(idleTimeout, abort, () =>
      fetch(address, { signal: abort.signal, headers }),
    );
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    const reader = response.body?.getReader();
    for (;;) {
      const next = await within(idleTimeout, abort, async () => await reader?.read());
      if (!next?.value) return;
      yield next.value;
    }
  } catch (cause) {
    throw new MlrSnetError("DATA_NOT_FOUND", `Expected to download ${address}, got ${reason(cause)}.`, {
      cause,
    });
  } finally {
    abort.abort();
  }
}

/**
 * Waits for the server, at most so many milliseconds. The clock runs only here: while a piece is on its way to the disk, the
 * server is not silent. And what has come before the clock was looked at counts, however late a busy machine looks at it.
 */
async function within<T>(milliseconds: number, abort: AbortController, wait: () => Promise<T>): Promise<T> {
  let waiting = true;
  const timer = setTimeout(() => {
    // What the system has received meanwhile is read between the timers and this.
    setImmediate(() => {
      if (waiting) abort.abort(new Error(`no data for ${milliseconds / 1000} s`));
    });
  }, milliseconds);
  try {
    return await wait();
  } finally {
    waiting = false;
    clearTimeout(timer);
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
