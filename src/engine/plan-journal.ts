import { join } from "node:path";
import { type Line, LineFile, sha256 } from "../files/internal.ts";

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

/**
 * The choices that are remembered on disk for one scope: a file of lines, each a record of what was measured at once.
 *
 * Engines, threads and processes share it; where two measured the same, the line that stands first holds for both. A line that
 * was never finished is recognised and reported.
 */
export class PlanJournal {
  readonly #scope: PlanScope;
  readonly #file: LineFile;

  constructor(folder: string, scope: PlanScope) {
    this.#file = new LineFile(join(folder, `lowering-${sha256(JSON.stringify(scope)).slice(0, 16)}.jsonl`));
    this.#scope = scope;
  }

  get path(): string {
    return this.#file.path;
  }

  /** Makes folder and file where they are missing, so that it is known whether anything can be remembered. @throws the file system's errors. */
  async prepare(): Promise<void> {
    await this.#file.prepare();
  }

  /**
   * What is remembered, and how many lines were damaged. Those are blanked, so that they are reported once.
   *
   * @throws the file system's errors.
   */
  async read(): Promise<{ choices: Choices; damaged: number }> {
    const choices: Choices = {};
    const bad: Line[] = [];
    for (const line of await this.#file.lines()) {
      const known = choicesOf(line.bytes);
      if (known) for (const [key, name] of Object.entries(known)) choices[key] ??= name;
      else bad.push(line);
    }
    await this.#file.blank(bad).catch(() => {}); // A file that can only be read is reported each time.
    return { choices, damaged: bad.length };
  }

  /** Adds choices. @throws the file system's errors. */
  async append(choices: Choices): Promise<void> {
    if (Object.keys(choices).length > 0) await this.#file.append(JSON.stringify({ ...this.#scope, choices }));
  }
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
