import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { catalogue, checksum, presets, type RunContext, type Schedule } from "../schedules/index.ts";
import { encodeSchedule, initialiseParameters } from "../schedules/internal.ts";
import { keyOf } from "./benchmark-unit.ts";
import { calibratedMultiples } from "./calibrated.ts";
import { tunedBaselines, untunedBaselines } from "./compare-run.ts";
import { candidateOf, findParticipants } from "./participants.ts";
import { protocolVersion } from "./task-settings.ts";

const cell = presets["meta-test"];
const bytes = encodeSchedule({
  cell,
  snapshots: { switchRule: "fractions", fractions: [0], thetas: [initialiseParameters(cell, 0, "fan-in")] },
  provenance: { from: "a test" },
});
let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-participants-"));
  path = join(folder, "s.safetensors");
  await writeFile(path, bytes);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const sgd = { optimizer: { kind: "sgd", momentum: 0.5 } } as const;

describe("findParticipants", () => {
  it("has candidates as given, then tuned, then untuned baselines, each name once.", async () => {
    const schedules = ["polynomial", path, "cosine", path];
    const all = await findParticipants({ schedules, baselines: ["tuned", "untuned"], trials: 5 });
    expect(all.map(({ kind, name, trials }) => [kind, name, trials])).toEqual([
      ["candidate", "polynomial", 5],
      ["candidate", path, 0],
      ...["constant", "cosine", "linear", "onecycle"].map((name) => ["tuned", name, 5]),
      ...untunedBaselines.map((name) => ["untuned", `${name}@default`, 1]),
    ]);
    const alone = await findParticipants({ schedules: ["cosine"], baselines: [], trials: 5 });
    expect(alone.map(({ kind, name }) => [kind, name])).toEqual([["candidate", "cosine"]]);
  });

  it("has the baselines of its version of the protocol, whatever is new in the catalogue.", () => {
    // Another list is another protocol: raise `protocolVersion`, record anew, and put the new checksum here.
    expect([protocolVersion, checksum([tunedBaselines, untunedBaselines])]).toEqual([2, "3a0cd10a"]);
    const names = catalogue.map(({ name }) => name);
    expect([...tunedBaselines, ...untunedBaselines].filter((name) => !names.includes(name))).toEqual([]);
  });

  it("knows a learned schedule by the SHA-256 of its file, and guards it alone.", async () => {
    const [learned, ...others] = await findParticipants({
      schedules: [path],
      baselines: ["tuned"],
      trials: 2,
      divergenceGuard: true,
    });
    expect(learned).toMatchObject({ name: `${path}+guard`, reference: path, guarded: true });
    expect(learned!.file!.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(others.some(({ guarded }) => guarded)).toBe(false);
  });

  it("tells learned schedules alone of a wrong horizon, by name, and refuses a factor that is none.", async () => {
    const find = (horizonFactor: number) =>
      findParticipants({ schedules: [path], baselines: ["tuned"], trials: 2, horizonFactor });
    const [learned, ...others] = await find(0.5);
    expect(learned).toMatchObject({ name: `${path}@T*0.5`, reference: path, horizonFactor: 0.5 });
    expect(others.filter((other) => "horizonFactor" in other)).toEqual([]);
    const [right] = await find(1);
    expect(right!.name).toBe(path);
    expect(right).not.toHaveProperty("horizonFactor");
    for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e7])
      await expect(find(wrong)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("takes a calibrated schedule as it is, once, with its multiples in the key of its results.", async () => {
    const schedules = ["calibrated:linear", "calibrated:linear"];
    const options = { baselines: [], trials: 5, divergenceGuard: true };
    const [participant, ...others] = await findParticipants({ ...options, schedules });
    expect(others).toEqual([]);
    expect(participant).toMatchObject({ kind: "candidate", trials: 0, guarded: false });
    const counts = { steps: 1, seeds: 3, seed: 0, searchSeeds: 2, keepsValidation: true };
    const request = {
      ...{ suite: "dev", task: "t", taskHash: "0", commit: "abc", participant: participant!, ...counts },
    };
    expect(JSON.parse(keyOf(request, "none").settings!)).toEqual(calibratedMultiples.linear);
    expect((await candidateOf(participant!, sgd)).baseRates).toEqual([]);
  });

  it("refuses names that do not exist.", async () => {
    const wrong = { baselines: [], trials: 1 };
    await expect(findParticipants({ ...wrong, schedules: ["cosin"] })).rejects.toMatchObject({
      code: "UNKNOWN_NAME",
    });
    await expect(findParticipants({ ...wrong, schedules: ["./none.safetensors"] })).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
    });
  });
});

/** The rates of a run on these losses. */
function ratesOf(schedule: Schedule<unknown>, context: RunContext, steps: number): number[] {
  let state = schedule.init(context);
  return Array.from({ length: steps }, (_, step) => {
    const decision = schedule.next(state, { step, loss: 2.3 * Math.exp(-step / 10) });
    state = decision.state;
    return decision.learningRate;
  });
}

describe("candidateOf", () => {
  it("told half the horizon gives the rates of a run half as long, and no other context is changed.", async () => {
    const knowing = presets.transfer;
    const thetas = [initialiseParameters(knowing, 3, "fan-in")];
    const own = join(folder, "transfer.safetensors");
    const file = {
      cell: knowing,
      snapshots: { switchRule: "fractions" as const, fractions: [0], thetas },
      provenance: {},
    };
    await writeFile(own, encodeSchedule(file));
    const created = async (horizonFactor: number, divergenceGuard: boolean): Promise<Schedule<unknown>> => {
      const schedules = [own];
      const found = await findParticipants({
        schedules,
        baselines: [],
        trials: 1,
        horizonFactor,
        divergenceGuard,
      });
      return (await candidateOf(found[0]!, sgd)).create(null);
    };
    const [right, half, tiny] = [
      await created(1, false),
      await created(0.5, false),
      await created(1e-6, false),
    ];
    const context = { classes: 10, initialLoss: 2.3 };
    const expected = ratesOf(right, { ...context, totalSteps: 20 }, 20);
    expect(ratesOf(half, { ...context, totalSteps: 40 }, 20)).toEqual(expected);
    expect(ratesOf(half, { ...context, totalSteps: 39 }, 20)).toEqual(expected);
    expect(ratesOf(right, { ...context, totalSteps: 40 }, 20)).not.toEqual(expected);
    expect(ratesOf(await created(0.5, true), { ...context, totalSteps: 40 }, 20)).toEqual(expected);
    // At least one step; and a schedule that is not told T is not told a part of it either.
    expect(ratesOf(tiny, { ...context, totalSteps: 40 }, 3)).toEqual(
      ratesOf(right, { ...context, totalSteps: 1 }, 3),
    );
    expect(() => half.init(context)).toThrow("totalSteps");
  });

  it("gives a tuned one rates to choose from, an untuned one its usual rate, a learned one none.", async () => {
    const [learned, constant] = await findParticipants({
      schedules: [path],
      baselines: ["tuned"],
      trials: 2,
      divergenceGuard: true,
    });
    const [untuned] = await findParticipants({ schedules: [], baselines: ["untuned"], trials: 2 });
    expect((await candidateOf(constant!, sgd)).baseRates).toEqual([0.025, 1.6]);
    expect(await candidateOf(untuned!, sgd)).toMatchObject({ name: "constant@default", baseRates: [0.05] });
    const candidate = await candidateOf(learned!, sgd);
    expect(candidate.baseRates).toEqual([]);
    expect(candidate.create(null).kind).toMatch(/^divergenceGuard/);
  });
});
