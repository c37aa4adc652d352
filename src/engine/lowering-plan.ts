import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { MlrSnetError } from "../errors.ts";
import type { LoweringChoice, Node, Value } from "../graph/index.ts";
import { topologicalOrder } from "../graph/internal.ts";
import { type Candidate, type Compile, fastest } from "./lowering-race.ts";
import { type Choices, type LoweringRecord, PlanJournal, type PlanScope } from "./plan-journal.ts";

/** Is told what happened to a plan that a user should know of. */
export type OnNotice = (text: string) => void;

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
  readonly #notify: OnNotice;
  /** Where measured choices are remembered; undefined: nothing is measured. */
  #journal: PlanJournal | undefined;
  /** Graphs are prepared one after the other: two at once would measure one shape twice, and hold to different winners. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(scope: PlanScope, choices: Choices, notify: OnNotice, journal?: PlanJournal) {
    this.#scope = scope;
    this.#choices = new Map(Object.entries(choices));
    this.#notify = notify;
    this.#journal = journal;
  }

  /** The plan remembered in `folder` (default: the user's cache). */
  static async load(
    scope: PlanScope,
    folder: string | null | undefined,
    notify: OnNotice,
  ): Promise<LoweringPlan> {
    if (folder === null) return new LoweringPlan(scope, {}, notify);
    let choices: Choices = {};
    try {
      const journal = new PlanJournal(folder ?? cacheFolder(), scope);
      choices = await readChoices(journal, notify);
      await journal.prepare();
      return new LoweringPlan(scope, choices, notify, journal);
    } catch (cause) {
      notify(
        `Lowerings are not measured, since they cannot be remembered: ${(cause as Error).message}. ` +
          "Set XDG_CACHE_HOME to a folder that can be written.",
      );
      return new LoweringPlan(scope, choices, notify);
    }
  }

  /** A plan kept to as it is: shapes it does not know take the operator's first lowering. */
  static fromRecord(record: LoweringRecord, scope: PlanScope, notify: OnNotice): LoweringPlan {
    for (const key of ["runtime", "device", "threads", "channelBlock"] as const)
      if (record[key] !== scope[key])
        throw new MlrSnetError(
          "STATE_MISMATCH",
          `Expected the ${key} of the stored run (${record[key]}), got ${scope[key]}: the same bits need the same ${key}.`,
        );
    return new LoweringPlan(scope, record.choices, notify);
  }

  get record(): LoweringRecord {
    return { ...this.#scope, choices: Object.fromEntries([...this.#choices].sort()) };
  }

  /** Settles the choice for every node that the outputs depend on, by measuring where it has to. */
  async prepare(outputs: readonly Value[], compile: Compile): Promise<LoweringChoice> {
    const turn = this.#turn.then(() => this.#settle(outputs, compile));
    this.#turn = turn.catch(() => {});
    await turn;
    return (node) => {
      const candidates = candidatesFor(node, this.#scope);
      const chosen = this.#choices.get(keyOf(node));
      return (candidates.find(([name]) => name === chosen) ?? candidates[0]!)[1];
    };
  }

  async #settle(outputs: readonly Value[], compile: Compile): Promise<void> {
    const open = new Map<string, { node: Node; candidates: Candidate[] }>();
    for (const node of topologicalOrder(outputs)) {
      const candidates = candidatesFor(node, this.#scope);
      if (candidates.length > 1 && !this.#choices.has(keyOf(node)))
        open.set(keyOf(node), { node, candidates });
    }
    const settled = open.size > 0 && this.#journal ? await this.#measure(open, this.#journal, compile) : {};
    for (const [key, { candidates }] of open) this.#choices.set(key, settled[key] ?? candidates[0]![0]);
  }

  /** @returns what is remembered of the open choices: where another engine, thread or process was first, its choice. */
  async #measure(
    open: ReadonlyMap<string, { node: Node; candidates: readonly Candidate[] }>,
    journal: PlanJournal,
    compile: Compile,
  ): Promise<Choices> {
    try {
      const known = await readChoices(journal, this.#notify);
      const measured: Choices = {};
      for (const [key, { node, candidates }] of open)
        if (!known[key])
          measured[key] = await fastest(node, candidates, compile, (name, reason) =>
            this.#notify(
              `The lowering \`${name}\` of ${node.operator.name} compiles and does not run here, so it is left out: ${reason}`,
            ),
          );
      if (Object.keys(measured).length === 0) return known;
      await journal.append(measured);
      return await readChoices(journal, this.#notify);
    } catch (cause) {
      if (cause instanceof MlrSnetError) throw cause;
      // What is not remembered must not be used: these shapes take the first lowering, as all do without a folder.
      this.#journal = undefined;
      this.#notify(
        `Lowerings are no longer measured, since they cannot be remembered: ${(cause as Error).message}.`,
      );
      return {};
    }
  }
}

async function readChoices(journal: PlanJournal, notify: OnNotice): Promise<Choices> {
  const { choices, damaged } = await journal.read();
  if (damaged > 0)
    notify(
      `The lowering plan in ${journal.path} was damaged in ${damaged} of its lines, which are dropped: ` +
        "their shapes are measured again, so results may differ in the last bits from those of earlier runs.",
    );
  return choices;
}

/** `$XDG_CACHE_HOME/mlr-snet` or `~/.cache/mlr-snet`; a relative path is ignored, as the XDG specification wants it. */
function cacheFolder(): string {
  const { XDG_CACHE_HOME: base = "" } = process.env;
  return join(isAbsolute(base) ? base : join(homedir(), ".cache"), "mlr-snet");
}

function keyOf({ operator, attributes, inputs }: Node): string {
  return JSON.stringify([operator.name, attributes, inputs.map(({ shape }) => shape)]);
}

function candidatesFor(node: Node, scope: PlanScope): Candidate[] {
  return Object.entries(node.operator.lowerings).filter(
    ([, { channelBlock, supports }]) =>
      (channelBlock ?? scope.channelBlock) === scope.channelBlock && (supports?.(node, scope.device) ?? true),
  );
}
