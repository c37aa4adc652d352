import { constants, type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { makeFolder } from "./folder.ts";

/** A line without an end is one that is being written; after so many looks it is one that was never finished. */
const looks = 40;
const millisecondsBetweenLooks = 5;

const newline = 0x0a;

/** Where a line stands in the file, without its end. */
export type Line = { bytes: Uint8Array; from: number; to: number };

/**
 * A file of lines that engines, threads and processes share without a lock. A line is appended by one write, which the
 * system does not mix with another's. A crash leaves one line unfinished at worst, and the lines around it stay.
 */
export class LineFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes folder and file where they are missing, so that it is known whether anything can be kept. @throws the file system's errors. */
  async prepare(): Promise<void> {
    await makeFolder(dirname(this.path));
    await (await openFile(this.path, appending)).close();
  }

  /** @param line without a line end in it. @throws the file system's errors. */
  async append(line: string): Promise<void> {
    const handle = await openFile(this.path, appending);
    try {
      // A newline first: a line that was never finished does not spoil this one.
      const bytes = Buffer.from(`\n${line}\n`);
      const { bytesWritten } = await handle.write(bytes);
      if (bytesWritten !== bytes.length) throw new Error("the disk took a part of a line only");
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  /** The lines that are not empty, once none of them is half written. @throws the file system's errors. */
  async lines(): Promise<Line[]> {
    const bytes = await this.#settled();
    const lines: Line[] = [];
    for (let from = 0, to = 0; from < bytes.length; from = to + 1) {
      to = bytes.indexOf(newline, from);
      if (to < 0) to = bytes.length;
      if (to > from) lines.push({ bytes: bytes.subarray(from, to), from, to });
    }
    return lines;
  }

  /** Empties lines in place: what others append meanwhile lies behind. @throws the file system's errors. */
  async blank(lines: readonly Line[]): Promise<void> {
    if (lines.length === 0) return;
    const handle = await openFile(this.path, constants.O_WRONLY);
    try {
      for (const { from, to } of lines)
        await handle.write(Buffer.alloc(to - from, newline), 0, to - from, from);
    } finally {
      await handle.close();
    }
  }

  async #settled(): Promise<Buffer> {
    for (let look = 1; ; look++) {
      const bytes = await this.#content();
      if (bytes.length === 0 || bytes.at(-1) === newline || look === looks) return bytes;
      await setTimeout(millisecondsBetweenLooks);
    }
  }

  async #content(): Promise<Buffer> {
    let handle: FileHandle | undefined;
    try {
      handle = await openFile(this.path, constants.O_RDONLY);
      return await handle.readFile();
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
      throw cause;
    } finally {
      await handle?.close();
    }
  }
}

const appending = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;

/** Opens a file and nothing else: a pipe in its place would be waited for without end. */
async function openFile(path: string, flags: number): Promise<FileHandle> {
  const handle = await open(path, flags | (constants.O_NONBLOCK ?? 0));
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new Error("it is no file");
}
