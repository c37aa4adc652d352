import type { CellConfig, GuardLimits, GuardState } from "../../schedules/index.ts";
import { checkLimits, guardStep, learnedLimits, startGuard } from "../../schedules/internal.ts";
import { arraysOf, copyMember, type PopulationLayouts, type Side } from "./side.ts";

/** What stands beside the arrays of a member: updates that its optimizer has seen, and whether its cell has seen no loss yet. */
export type MemberCount = { updates: number; isFresh: boolean };

/** The guard of one member, and the counts of its two copies. JSON-safe. */
export type MemberGuard = { guard: GuardState; newest: MemberCount | null; older: MemberCount | null };

/** What the guards are told of a step. */
export type GuardedStep = {
  step: number;
  /** T, which the guard of a run of its own knows too. */
  totalSteps: number;
  usualRate: number;
  /** L_t and α_t of each member; a rate is set to 0 where no update is made. */
  losses: Float32Array;
  rates: Float32Array;
};

/** Whether the members of a population with this cell are guarded, as `guardedSchedule` guards a run of its own. */
export function isGuarded({ output }: CellConfig): boolean {
  return output !== "sigmoid";
}

/**
 * The guards of a population's members, as `divergenceGuard` around each member's schedule. They judge after the step: the
 * graph has updated a member that ought to skip it or go back, but all that it changed is overwritten.
 */
export class PopulationGuard {
  readonly #limits: GuardLimits;
  readonly #layouts: PopulationLayouts;
  readonly #newest: Side;
  readonly #older: Side;
  readonly #members: number;
  #guards: MemberGuard[] = [];

  /** @param copies two sides of the population's form. */
  constructor(cell: CellConfig, layouts: PopulationLayouts, members: number, copies: readonly [Side, Side]) {
    this.#limits = checkLimits(learnedLimits(cell));
    this.#layouts = layouts;
    this.#members = members;
    [this.#newest, this.#older] = copies;
    this.start();
  }

  /** Before the first step. */
  start(): void {
    for (const array of Object.values(this.arrays)) array.fill(0);
    this.#guards = Array.from({ length: this.#members }, () => ({
      guard: startGuard(),
      newest: null,
      older: null,
    }));
  }

  /** The copies, `newest.<name>` and `older.<name>`. */
  get arrays(): Record<string, Float32Array> {
    return { ...arraysOf(this.#newest, "newest."), ...arraysOf(this.#older, "older.") };
  }

  get guards(): MemberGuard[] {
    return structuredClone(this.#guards);
  }

  set guards(guards: readonly MemberGuard[]) {
    this.#guards = structuredClone([...guards]);
  }

  /** What multiplies a member's rate at the coming step. */
  factorOf(member: number): number {
    return this.#guards[member]!.guard.factor;
  }

  /**
   * One member after a step.
   *
   * @param before all that the step began with. @param after what it made of it; changed where it was no update.
   * @param count of `before`; may be brought up to date in place.
   * @returns the member's count after the step.
   */
  judge(
    member: number,
    before: Side,
    after: Side,
    count: MemberCount,
    { step, totalSteps, usualRate, losses, rates }: GuardedStep,
  ): MemberCount {
    const own = this.#guards[member]!;
    const seen = { step, loss: losses[member]!, totalSteps, canRollBack: true };
    const { guard, act, older } = guardStep(own.guard, this.#limits, seen);
    const copy = (from: Side, to: Side) => copyMember(this.#layouts, from, to, member, this.#members);
    if (act === "skip") {
      copy(before, after);
      rates[member] = 0;
      this.#guards[member] = { ...own, guard };
      return count;
    }
    if (act === "rollback") {
      const back = older ? own.older! : own.newest!;
      copy(older ? this.#older : this.#newest, after);
      if (older) copy(this.#older, this.#newest);
      rates[member] = 0;
      this.#guards[member] = { guard, newest: back, older: older ? null : own.older };
      return { ...back };
    }
    const share = guard.factor / own.guard.factor;
    if (share < 1) {
      // A cut counts at once, and the update is linear in the rate.
      this.#shrink(member, before, after, share);
      rates[member]! *= share;
    }
    const isCopied = act === "snapshot";
    if (isCopied) {
      copy(this.#newest, this.#older);
      copy(before, this.#newest);
    }
    // A rate that is no number is none to judge by.
    const ratio = Math.max(rates[member]! / usualRate || 0, 0.9 * own.guard.ratio);
    // In place: this happens for every member at every step, and the guard's answer is nobody else's.
    guard.ratio = ratio;
    own.guard = guard;
    if (isCopied) [own.newest, own.older] = [{ ...count }, own.newest];
    count.updates++;
    count.isFresh = false;
    return count;
  }

  #shrink(member: number, before: Side, after: Side, share: number): void {
    for (const { offset, length } of this.#layouts.w.entries) {
      const [start, own] = [offset + (member * length) / this.#members, length / this.#members];
      for (let i = start; i < start + own; i++)
        after.weights[i] = before.weights[i]! + share * (after.weights[i]! - before.weights[i]!);
    }
  }
}
