import { describe, expect, it } from "vitest";
import { CONTEXT } from "../../test/schedule-run.ts";
import { rows } from "../../test/schedule-table.ts";
import { annealToZero } from "./anneal-to-zero.ts";
import { divergenceGuard } from "./divergence-guard.ts";
import type { RunContext, Schedule } from "./schedule.ts";
import { warmup } from "./warmup.ts";

/** What `init` may read without needing it, since a default of it is documented. */
const defaults: readonly (keyof RunContext)[] = [
  "usualRate", // 0.1, with an event
  "canRollBack", // no
  "totalSteps", // of a guard and a warm-up: not known
  "epochs", // of a warm-up: not known
  "stepsPerEpoch", // of a warm-up, and of plateau and sgdr in place of a part of the run: not known
];

/** The fields of the context that `init` reads, of a context that has but some of them. */
function readsOf(schedule: Schedule<unknown>, told: RunContext): (keyof RunContext)[] {
  const read = new Set<keyof RunContext>();
  const context = new Proxy(told, {
    get(target, name: keyof RunContext) {
      read.add(name);
      return target[name];
    },
  });
  schedule.init(context);
  return [...read];
}

describe.each(rows)("the needs of the schedule $name", ({ schedule }) => {
  const { needs = [] } = schedule;
  const told: RunContext = Object.fromEntries(
    needs.map((name) => [name, CONTEXT[name as keyof typeof CONTEXT]]),
  );

  it("are enough for `init`, which fails without any of them, but for the initial loss", () => {
    expect(() => schedule.init(told)).not.toThrow();
    for (const name of needs.filter((name) => name !== "initialLoss"))
      expect(() => schedule.init({ ...told, [name]: undefined })).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(name) }),
      );
  });

  it("are all that `init` reads, beside what has a default", () => {
    const read = readsOf(schedule, told);
    expect(read.filter((name) => !needs.includes(name) && !defaults.includes(name))).toEqual([]);
    expect(needs.filter((name) => !read.includes(name))).toEqual([]);
  });
});

describe("the needs of what is put around a schedule", () => {
  it.each(rows)("are its own and those of $name, each once", ({ schedule }) => {
    const { needs: inner = [] } = schedule;
    const around: [Schedule<unknown>, (keyof RunContext)[]][] = [
      [divergenceGuard(schedule) as Schedule<unknown>, []],
      [warmup(schedule, { epochs: 1 }) as Schedule<unknown>, ["stepsPerEpoch"]],
      [annealToZero(schedule, { steps: 1 }) as Schedule<unknown>, ["totalSteps"]],
    ];
    for (const [outer, own] of around)
      expect(outer.needs?.toSorted(), outer.kind).toEqual([...new Set([...own, ...inner])].sort());
  });
});
