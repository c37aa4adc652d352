import { describe, expect, it } from "vitest";
import { actsOf } from "./acts.ts";

describe("actsOf", () => {
  it("keeps what a guard did, by today's names and those of older releases, and nothing else.", () => {
    const events = ["rollback", "past-the-end", "cut", "skip", "restored", "backed-off", "toString"].map(
      (kind, step) => ({ step, kind, message: "why" }),
    );
    expect(actsOf(events).map(({ step, kind }) => [step, kind])).toEqual([
      [0, "rollback"],
      [2, "cut"],
      [3, "skip"],
      [4, "rollback"],
      [5, "cut"],
    ]);
    expect(actsOf(events)[0]).toEqual({ step: 0, kind: "rollback", message: "why" });
    expect(actsOf([])).toEqual([]);
  });
});
