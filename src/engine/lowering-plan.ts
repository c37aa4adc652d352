import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { MlrSnetError } from "../errors.ts";
import {
  elements,
  input,
  type Lowering,
  type LoweringChoice,
  type Node,
  reshapeTo,
  slice,
  topologicalOrder,
  type Value,
} from "../graph/index.ts";
import { allocate, type BoundProgram, type Program } from "./program.ts";

type AnyLowering = Lowering<Node["attributes"]>;

/** What a plan's measurements hold for. */
export type PlanScope = {
  runtime: string;
  device: string;
  threads: number;
  /** Channels in a block of the runtime's blocked layout on this processor; 0: it has none. */
  channelBlock: number;
};

/** A plan as stored: JSON-safe. `choices` maps operator, attributes and input shapes to the name of a lowering. */
export type LoweringRecord = PlanScope & { choices: Record<string, string> };

/**
 * Which way each operator is written in ONNX, per shape.
 *
 * Where an operator has several lowerings, each is compiled and timed alone on first sight of a shape, and the
 * winner is remembered on disk: timing is not reproducible, so the same bits in the next run need the same plan.
 * Where the plan cannot be remembered, nothing is measured and each operator takes its first lowering.
 */
export class LoweringPlan {
  readonly #scope: PlanScope;
  readonly #choices: Map<string, string>;
  readonly #file: string | undefined;
  #measures: boolean;

  private constructor(scope: PlanScope, choices: Record<string, string>, file: string | undefined) {
    this.#scope = scope;
    this.#choices = new Map(Object.entries(choices));
    this.#file = file;
    this.#measures = file !== undefined;
  }

  /** The plan remembered in `folder` (default: the user's cache); an unreadable one is measured anew. */
  static async load(scope: PlanScope, folder: string | null = defaultFolder()): Promise<LoweringPlan> {
    if (folder === null) return new LoweringPlan(scope, {}, undefined);
    const key = createHash("sha256").update(JSON.stringify(scope)).digest("hex").slice(0, 16);
    const file = join(folder, `lowering-${key}.json`);
    try {
      await mkdir(folder, { recursive: true });
      return new LoweringPlan(scope, await readChoices(file), file);
    } catch {
      return new LoweringPlan(scope, {}, undefined);
    }
  }

  /** A plan kept to as it is: shapes it does not know take the operator's first lowering. */
  static fromRecord(record: LoweringRecord, scope: PlanScope): LoweringPlan {
    for (const key of ["runtime", "device", "threads", "channelBlock"] as const)
      if (record[key] !== scope[key])
        throw new MlrSnetError(
          "STATE_MISMATCH",
          `Expected the ${key} of the stored run (${record[key]}), got ${scope[key]}: the same bits need the same ${key}.`,
        );
    return new LoweringPlan(scope, record.choices, undefined);
  }

  get record(): LoweringRecord {
    return { ...this.#scope, choices: Object.fromEntries([...this.#choices].sort()) };
  }

  /** Settles the choice for every node that the outputs depend on, by measuring where it has to. */
  async prepare(
    outputs: readonly Value[],
    compile: (outputs: Record<string, Value>, choice: LoweringChoice) => Promise<Program>,
  ): Promise<LoweringChoice> {
    const measured: string[] = [];
    for (const node of topologicalOrder(outputs)) {
      const candidates = candidatesFor(node, this.#scope);
      if (candidates.length < 2 || this.#choices.has(keyOf(node))) continue;
      const winner = this.#measures ? await fastest(node, candidates, compile) : candidates[0]![0];
      this.#choices.set(keyOf(node), winner);
      if (this.#measures) measured.push(keyOf(node));
    }
    if (measured.length > 0) await this.#save(measured);
    return (node) => {
      const candidates = candidatesFor(node, this.#scope);
      const chosen = this.#choices.get(keyOf(node));
      return (candidates.find(([name]) => name === chosen) ?? candidates[0]!)[1];
    };
  }

  /** @param measured the choices that no program is compiled with yet. */
  async #save(measured: readonly string[]): Promise<void> {
    if (!this.#file) return;
    const temporary = `${this.#file}.${process.pid}.tmp`;
    try {
      // Another process may have measured meanwhile: what is remembered holds, so that all later runs agree with both.
      for (const [key, name] of Object.entries(await readChoices(this.#file)))
        if (!this.#choices.has(key) || measured.includes(key)) this.#choices.set(key, name);
      await writeFile(temporary, JSON.stringify(this.record, null, 1));
      await rename(temporary, this.#file);
    } catch {
      // Not remembered: shapes met from now on take the first lowering, as if there were no folder.
      this.#measures = false;
    }
  }
}

function defaultFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "mlr-snet");
}

/** What is remembered in a file; nothing where there is none, or a damaged one. */
async function readChoices(file: string): Promise<Record<string, string>> {
  try {
    const record: unknown = JSON.parse(await readFile(file, "utf8"));
    return isRecord(record) ? record.choices : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is LoweringRecord {
  if (typeof value !== "object" || value === null || !("choices" in value)) return false;
  const { choices } = value;
  return (
    typeof choices === "object" &&
    choices !== null &&
    Object.values(choices).every((name) => typeof name === "string")
  );
}

function keyOf({ operator, attributes, inputs }: Node): string {
  return JSON.stringify([operator.name, attributes, inputs.map(({ shape }) => shape)]);
}

function candidatesFor(node: Node, scope: PlanScope): [name: string, lowering: AnyLowering][] {
  return Object.entries(node.operator.lowerings).filter(
    ([, { channelBlock, supports }]) =>
      (channelBlock ?? scope.channelBlock) === scope.channelBlock && (supports?.(node, scope.device) ?? true),
  );
}

/** The name of the candidate with the smallest time, the node compiled alone on numbers of ordinary size. */
async function fastest(
  node: Node,
  candidates: readonly [name: string, lowering: AnyLowering][],
  compile: (outputs: Record<string, Value>, choice: LoweringChoice) => Promise<Program>,
): Promise<string> {
  const inputs = node.inputs.map(({ shape, dataType }, index) => input(`x${index}`, shape, dataType));
  const outputs: Value[] = [];
  const alone: Node = { ...node, inputs, outputs };
  for (const { shape, dataType } of node.outputs)
    outputs.push({ shape, dataType, source: { kind: "node", node: alone, index: outputs.length } });
  // One element is fetched: copying large results out of the runtime takes longer than many operators.
  const named = Object.fromEntries(
    outputs.map((value, index) => [`y${index}`, slice(reshapeTo(value, [elements(value.shape)]), 0, 0, 1)]),
  );
  const buffers = Object.fromEntries(inputs.map((value, index) => [`x${index}`, testNumbers(value)]));
  const contestants = [];
  for (const [name, lowering] of candidates) {
    try {
      const program = await compile(named, (other) =>
        other === alone ? lowering : Object.values(other.operator.lowerings)[0]!,
      );
      const bound = program.bind(buffers, program.allocateOutputs());
      await bound.run();
      contestants.push({ name, program, bound, best: Number.POSITIVE_INFINITY });
    } catch {
      // A way that this provider does not have is no contestant.
    }
  }
  // Compiled as part of the graph, the first then fails with the runtime's own reason.
  if (contestants.length === 0) return candidates[0]![0];
  const winner = await race(contestants);
  for (const { program } of contestants) await program.release();
  return winner.name;
}

/**
 * The one with the smallest time (other work on the machine makes times longer, never shorter); of two that differ
 * by less than the noise the one that stands first, since that is the better guess.
 */
async function race<T extends { bound: BoundProgram; best: number }>(contestants: readonly T[]): Promise<T> {
  const leader = () => contestants.reduce((a, b) => (b.best < 0.95 * a.best ? b : a));
  for (let round = 0, left = contestants; round < 15 && left.length > 1; round++) {
    for (const contestant of left) {
      const start = performance.now();
      await contestant.bound.run();
      contestant.best = Math.min(contestant.best, performance.now() - start);
    }
    if (round >= 2) left = left.filter(({ best }) => best < 1.5 * leader().best);
  }
  return leader();
}

function testNumbers({ shape, dataType }: Value): ReturnType<typeof allocate> {
  const buffer = allocate({ shape, dataType });
  if (buffer instanceof Float32Array)
    for (let i = 0; i < elements(shape); i++) buffer[i] = ((i * 7919) % 1000) / 500 - 1;
  return buffer;
}
