import { closeSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { MlrSnetError } from "../errors.ts";

let written = 0;

/**
 * Writes a file whole or not at all: into a file beside it, synced, then renamed. What stood there before stays
 * until the new content is on the disk; a crash at any moment leaves the one or the other.
 *
 * @throws {MlrSnetError} `FILE_UNWRITABLE` with the reason; nothing is left behind.
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const target = await follow(path);
  const partial = partialOf(target);
  let handle: FileHandle | undefined;
  try {
    await refuseOther(target);
    handle = await open(partial, "w");
    await handle.writeFile(content);
    await handle.sync();
    await handle.close();
    await rename(partial, target);
    await syncFolder(dirname(target));
  } catch (cause) {
    await handle?.close().catch(() => {});
    await rm(partial, { force: true }).catch(() => {});
    throw unwritable(path, cause);
  }
}

/**
 * Finds out at the door, before hours of work, whether a file can be written there: folder, permission, some space.
 *
 * @throws {MlrSnetError} `FILE_UNWRITABLE` with the reason. Nothing that exists is touched.
 */
export async function checkWritable(path: string): Promise<void> {
  const target = await follow(path);
  const probe = partialOf(target);
  try {
    await refuseOther(target);
    // Some bytes, because a full disk still lets an empty file be made.
    const handle = await open(probe, "w");
    try {
      await handle.writeFile(new Uint8Array(4096));
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw unwritable(path, cause);
  } finally {
    await rm(probe, { force: true }).catch(() => {});
  }
}

/** A file of records, one line of JSON each, that only grows. Lines are gathered and written in larger pieces. */
export class RecordFile {
  readonly path: string;
  readonly #descriptor: number;
  #waiting = "";
  #writtenAt: number = Date.now();

  private constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  /** An empty file in the place of what stood there. @throws {MlrSnetError} `FILE_UNWRITABLE` */
  static create(path: string): RecordFile {
    return new RecordFile(path, openFor(path, "w"));
  }

  /**
   * The file of an interrupted run, cut back to the records before `step`.
   *
   * @throws {MlrSnetError} `FILE_CORRUPT` if a record before `step` is missing or damaged, `FILE_NOT_FOUND`,
   * `FILE_UNREADABLE`, `FILE_UNWRITABLE`.
   */
  static continueAt(path: string, step: number): RecordFile {
    truncate(path, endOfRecords(path, step));
    return new RecordFile(path, openFor(path, "a"));
  }

  /** @throws {MlrSnetError} `FILE_UNWRITABLE` */
  append(record: object): void {
    this.#waiting += `${JSON.stringify(record)}\n`;
    // Once a second at the least, for those who follow the file.
    if (this.#waiting.length > 65_536 || Date.now() - this.#writtenAt > 1000) this.#write();
  }

  /** Every record so far is on the disk afterwards: called before a checkpoint that counts on them. */
  sync(): void {
    this.#write();
    attempt(this.path, () => fsyncSync(this.#descriptor));
  }

  close(): void {
    this.#write();
    attempt(this.path, () => closeSync(this.#descriptor));
  }

  #write(): void {
    let bytes = Buffer.from(this.#waiting);
    this.#waiting = "";
    this.#writtenAt = Date.now();
    // A disk that is nearly full takes a part first and refuses the rest.
    while (bytes.length > 0)
      bytes = bytes.subarray(attempt(this.path, () => writeSync(this.#descriptor, bytes)));
  }
}

/** Where in the file the record of `step` begins: records count from 0, one a line. */
function endOfRecords(path: string, step: number): number {
  const text = readText(path);
  let end = 0;
  for (let expected = 0; expected < step; expected++) {
    const next = text.indexOf("\n", end);
    if (next < 0 || stepOf(text.slice(end, next)) !== expected)
      throw new MlrSnetError(
        "FILE_CORRUPT",
        `Expected the record of step ${expected} in ${path}, which the checkpoint counts on: start again without --resume.`,
      );
    end = next + 1;
  }
  return Buffer.byteLength(text.slice(0, end));
}

function stepOf(line: string): unknown {
  try {
    return (JSON.parse(line) as { step?: unknown } | null)?.step;
  } catch {
    return undefined;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new MlrSnetError(
      missing ? "FILE_NOT_FOUND" : "FILE_UNREADABLE",
      `Expected the records of the interrupted run in ${path}, ${missing ? "found no file" : `got: ${reasonOf(cause)}`}: bring them back, or start again without --resume.`,
      { cause },
    );
  }
}

function openFor(path: string, flags: "w" | "a"): number {
  return attempt(path, () => openSync(path, flags));
}

function truncate(path: string, length: number): void {
  attempt(path, () => truncateSync(path, length));
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** Where a link leads: the file there is replaced, not the link. */
async function follow(path: string): Promise<string> {
  return await realpath(path).catch(() => resolve(path));
}

/** A name beside the target. A process that was killed may have left one, with the same number where numbers are few. */
function partialOf(target: string): string {
  return `${target}.${process.pid}-${written++}.part`;
}

/** Renaming onto a folder fails with words that help nobody; onto a device such as /dev/null it would destroy it. */
async function refuseOther(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
  if (found && !found.isFile()) throw new Error("it is a device or a pipe; give the path of a file");
}

/** Makes the rename itself survive a power cut; where folders cannot be synced (Windows), the system does it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free space or choose another folder",
  EDQUOT: "the quota is used up; free space or choose another folder",
  EACCES: "permission denied; choose another folder",
  EPERM: "permission denied; choose another folder",
  EROFS: "the file system is read-only; choose another folder",
  ENOENT: "no such folder; make it first",
  ENOTDIR: "a part of the path is a file; choose another folder",
  EISDIR: "it is a folder; give the path of a file",
};

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return reasons[code ?? ""] ?? message;
}

function unwritable(path: string, cause: unknown): MlrSnetError {
  if (cause instanceof MlrSnetError) return cause;
  return new MlrSnetError("FILE_UNWRITABLE", `Cannot write ${path}: ${reasonOf(cause)}.`, { cause });
}
