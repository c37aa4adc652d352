import { closeSync, fsyncSync, openSync, truncateSync, writeSync } from "node:fs";
import { MlrSnetError } from "../errors.ts";
import { readTextSync } from "./read.ts";
import { unwritable } from "./reasons.ts";

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
  const text = readRecords(path);
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

function readRecords(path: string): string {
  try {
    return readTextSync(path);
  } catch (cause) {
    if (!(cause instanceof MlrSnetError)) throw cause;
    throw new MlrSnetError(
      cause.code,
      `Expected the records of the interrupted run in ${path}: ${cause.message} Bring them back, or start again without --resume.`,
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
