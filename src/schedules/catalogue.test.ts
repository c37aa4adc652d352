import { describe, expect, it } from "vitest";
import { CONTEXT, observedAt, run, TOTAL_STEPS } from "../../test/schedule-run.ts";
import { catalogue, scheduleNamed } from "./catalogue.ts";

describe("the catalogue", () => {
  it("has every hand-made name of the command line once, and each runs on totalSteps alone.", () => {
    const promised =
      "constant multistep exponential polynomial linear cosine sgdr sgdr-budget onecycle wsd invsqrt plateau hd l4";
    const names = catalogue.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(promised.split(" ")));
    expect(new Set(names).size).toBe(names.length);
    for (const { create, baseRateDefault } of catalogue) {
      const schedule = create(baseRateDefault);
      const { rates } = run(schedule, schedule.init({ totalSteps: TOTAL_STEPS }));
      expect(rates.every((rate) => Number.isFinite(rate) && rate >= 0)).toBe(true);
    }
  });

  it("says truly which fields of the context a schedule needs and what it observes.", () => {
    for (const { name, create, needs, observes } of catalogue) {
      const schedule = create(0.1);
      const start = (): unknown => schedule.init({});
      if (needs.length === 0) expect(start, name).not.toThrow();
      else expect(start, name).toThrow(/Expected `totalSteps` in the run's context/);
      const wanted = schedule.wants?.(schedule.init(CONTEXT), 5) ?? [];
      expect(wanted, name).toEqual(observes);
    }
  });

  it("gives each schedule its name as the kind that its saved states carry.", () => {
    for (const { name, create } of catalogue) expect(create(0.1).kind).toBe(name);
  });

  it("passes further options on.", () => {
    const schedule = catalogue.find(({ name }) => name === "cosine")!.create(1, { floorFraction: 0.5 });
    expect(schedule.next(schedule.init(CONTEXT), observedAt(50)).learningRate).toBe(0.75);
  });
});

describe("scheduleNamed", () => {
  it("finds by name, and suggests the nearest of an unknown name.", () => {
    expect(scheduleNamed("sgdr-budget").name).toBe("sgdr-budget");
    expect(() => scheduleNamed("Cosin")).toThrow(
      /^Expected the schedule to be one of constant, .*, l4, got "Cosin"\. Did you mean `cosine`\?$/,
    );
    expect(() => scheduleNamed("nothing-like-it")).toThrow(expect.objectContaining({ code: "UNKNOWN_NAME" }));
    expect(() => scheduleNamed("nothing-like-it")).not.toThrow("Did you mean");
  });
});
