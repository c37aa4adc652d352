import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { longHorizonDefaults } from "../meta/index.ts";
import { checkLongHorizonOptions } from "../meta/internal.ts";
import { checkGraphCell } from "../meta/population/cell-graph.ts";
import { presets } from "../schedules/index.ts";
import { encodeSchedule, initialiseParameters } from "../schedules/internal.ts";
import { ablationVariants, learnVariants } from "./ablation.ts";
import { findCandidate } from "./candidates.ts";

/** All that is decided for a long-horizon variant, one level deep: `output.settle` and so on. */
function settings(variant: (typeof ablationVariants)[number]): Map<string, string> {
  if (variant.kind !== "long-horizon") throw new Error(`${variant.name} is not of the long-horizon recipe.`);
  const { cell = presets.transfer, options } = variant;
  const { output, ...rest } = cell;
  const form = typeof output === "string" ? { form: output } : output;
  const named = Object.entries(form).map(([name, value]) => [`output.${name}`, value] as const);
  const all = { ...longHorizonDefaults, ...options, ...rest };
  return new Map([...Object.entries(all), ...named].map(([name, value]) => [name, JSON.stringify(value)]));
}

/** What is another than in the default. */
function changesOf(variant: (typeof ablationVariants)[number]): string[] {
  const [ours, defaults] = [settings(variant), settings(ablationVariants[0]!)];
  return [...new Set([...ours.keys(), ...defaults.keys()])].filter(
    (name) => ours.get(name) !== defaults.get(name),
  );
}

const learned = ablationVariants.flatMap((variant) => (variant.kind === "long-horizon" ? [variant] : []));
const uses = ablationVariants.flatMap((variant) => (variant.kind === "use" ? [variant] : []));

describe("the variants of the ablation", () => {
  it("begin with the default, have names of their own and say what they are.", () => {
    const names = ablationVariants.map(({ name }) => name);
    expect(names[0]).toBe("default");
    expect(changesOf(ablationVariants[0]!)).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(ablationVariants.map(({ what }) => what)).size).toBe(names.length);
    // They are names of files.
    for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it("have cells with a form in the graph, and options that can be run.", () => {
    for (const { cell = presets.transfer, options } of learned) {
      expect(checkGraphCell(cell)).toBe(cell);
      checkLongHorizonOptions({ ...longHorizonDefaults, cell, seed: 0, ...options });
    }
  });

  it("differ from the default in one thing each; a horizon that is not known is neither read nor annealed to.", () => {
    const others: Record<string, string[]> = {
      sigmoid: Object.keys(presets.transfer.output).map((name) => `output.${name}`),
      absolute: ["output.relative", "output.start", "output.floor", "output.ceiling"], // in other units
      "single-task": ["task", "tasks"], // dearer: each candidate trains for itself
      anytime: ["inputs", "output.anneal"],
    };
    for (const variant of learned.slice(1)) {
      const changes = changesOf(variant);
      const expected = others[variant.name];
      if (expected) expect(changes.sort(), variant.name).toEqual(expected.sort());
      else expect(changes, variant.name).toHaveLength(1);
    }
    const sets = learned.map((variant) => JSON.stringify([...settings(variant)]));
    expect(new Set(sets).size).toBe(sets.length);
  });

  it("use schedules that others learn, each in one way.", () => {
    for (const { of, divergenceGuard, horizonFactor } of uses) {
      expect(learned.map(({ name }) => name)).toContain(of);
      expect([divergenceGuard, horizonFactor].filter((way) => way !== undefined)).toHaveLength(1);
    }
    expect(uses.map(({ horizonFactor }) => horizonFactor)).not.toContain(1);
  });
});

describe("the variants that learn nothing", () => {
  it("are schedules that can be found by name.", async () => {
    const named = ablationVariants.flatMap((variant) => (variant.kind === "named" ? [variant] : []));
    expect(named.map(({ name }) => name)).toEqual(["no-network", "calibrated-linear", "paper"]);
    for (const { reference } of named)
      expect(await findCandidate(reference, { optimizer: { kind: "adam" } }, 1)).toMatchObject({
        name: reference,
        baseRates: [],
      });
  });
});

describe("learnVariants", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlr-snet-ablation-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });
  const options = { generations: 1, seed: 0, workers: 0 };

  it("makes no folder where nothing is to be learned, and measures what is found by name.", async () => {
    const none = join(folder, "none");
    const measuring = learnVariants({ ...options, folder: none, only: ["calibrated-linear"], heldOut: 1 });
    let item = await measuring.next();
    while (!item.done) item = await measuring.next();
    expect(item.value).toMatchObject([
      { path: "calibrated:linear", generations: null, seconds: null, heldOut: { tasks: 1 } },
    ]);
    expect(existsSync(none)).toBe(false);
  });

  it("refuses a variant that is none, a folder that is a file, and a damaged schedule in it, by name.", async () => {
    const unknown = learnVariants({ ...options, folder, only: ["defualt"] }).next();
    await expect(unknown).rejects.toMatchObject({
      code: "UNKNOWN_NAME",
      message: expect.stringContaining("Did you mean `default`?"),
    });
    const file = join(folder, "file");
    await writeFile(file, "");
    const blocked = learnVariants({ ...options, folder: file }).next();
    await expect(blocked).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
    const damaged = join(folder, "default.safetensors");
    const cell = presets.transfer;
    const thetas = [initialiseParameters(cell, 0, "fan-in")];
    const snapshots = { switchRule: "fractions" as const, fractions: [0], thetas };
    await writeFile(damaged, encodeSchedule({ cell, snapshots, provenance: {} }).subarray(0, -1));
    const reading = learnVariants({ ...options, folder, only: ["guarded"] }).next();
    await expect(reading).rejects.toMatchObject({
      code: "FILE_CORRUPT",
      message: expect.stringContaining(`${damaged}: `),
    });
  });
});
