import { createHash } from "node:crypto";
import { constants, type FileHandle, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { makeFolder } from "../partial-file.ts";

/** What a plan's measurements hold for. */
export type PlanScope = {
  runtime: string;
  device: string;
  threads: number;
  /** Channels in a block of the runtime's blocked layout on this processor; 0: it has none. */
  channelBlock: number;
};

/** Operator, attributes and input shapes, as one text, to the name of a lowering. */
export type Choices = Record<string, string>;

/** A plan as stored: JSON-safe. */
export type LoweringRecord = PlanScope & { choices: Choices };

/** A line without an end is one that is being written; after so many looks it is one that was never finished. */
const looks = 40;
const millisecondsBetweenLooks = 5;

/**
 * The choices that are remembered on disk for one scope: a file of lines, each a record of what was measured at once.
 *
 * Engines, threads and processes share it without a lock. A line is appended by one write, which the system does not mix
 * with another's; where two measured the same, the line that stands first holds for both. A crash leaves one line
 * unfinished at worst, which is recognised and reported, and the lines around it stay.
 */
export class PlanJournal {
  readonly path: string;
  readonly #scope: PlanScope;

  constructor(folder: string, scope: PlanScope) {
    const key = createHash("sha256").update(JSON.stringify(scope)).digest("hex").slice(0, 16);
    this.path = join(folder, `lowering-${key}.jsonl`);
    this.#scope = scope;
  }

  /** Makes folder and file where they are missing, so that it is known whether anything can be remembered. @throws the file system's errors. */
  async prepare(): Promise<void> {
    await makeFolder(dirname(this.path));
    await this.append({});
  }

  /**
   * What is remembered, and how many lines were damaged. Those are blanked, so that they are reported once.
   *
   * @throws the file system's errors.
   */
  async read(): Promise<{ choices: Choices; damaged: number }> {
    const bytes = await this.#settled();
    const choices: Choices = {};
    const bad: [from: number, to: number][] = [];
    for (let from = 0, to = 0; from < bytes.length; from = to + 1) {
      to = bytes.indexOf(newline, from);
      if (to < 0) to = bytes.length;
      if (to === from) continue;
      const known = choicesOf(bytes.subarray(from, to));
      if (known) for (const [key, name] of Object.entries(known)) choices[key] ??= name;
      else bad.push([from, to]);
    }
    await this.#blank(bad).catch(() => {}); // A file that can only be read is reported each time.
    return { choices, damaged: bad.length };
  }

  /** Adds choices; none: only finds out whether that can be done. @throws the file system's errors. */
  async append(choices: Choices): Promise<void> {
    const { O_WRONLY, O_APPEND, O_CREAT } = constants;
    const handle = await openFile(this.path, O_WRONLY | O_APPEND | O_CREAT);
    try {
      if (Object.keys(choices).length === 0) return;
      // A newline first: a line that was never finished does not spoil this one.
      const line = Buffer.from(`\n${JSON.stringify({ ...this.#scope, choices })}\n`);
      const { bytesWritten } = await handle.write(line);
      if (bytesWritten !== line.length) throw new Error("the disk took a part of a line only");
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  /** The content, once no line of it is half written. */
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

  /** In place: what others append meanwhile lies behind. */
  async #blank(ranges: readonly [from: number, to: number][]): Promise<void> {
    if (ranges.length === 0) return;
    const handle = await openFile(this.path, constants.O_WRONLY);
    try {
      for (const [from, to] of ranges)
        await handle.write(Buffer.alloc(to - from, newline), 0, to - from, from);
    } finally {
      await handle.close();
    }
  }
}

const newline = 0x0a;

/** Opens a file and nothing else: a pipe in its place would be waited for without end. */
async function openFile(path: string, flags: number): Promise<FileHandle> {
  const handle = await open(path, flags | (constants.O_NONBLOCK ?? 0));
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new Error("it is no file");
}

function choicesOf(line: Uint8Array): Choices | undefined {
  try {
    const { choices } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line)) as LoweringRecord;
    const isTable = typeof choices === "object" && !Array.isArray(choices);
    return isTable && Object.values(choices).every((name) => typeof name === "string") ? choices : undefined;
  } catch {
    return undefined;
  }
}
