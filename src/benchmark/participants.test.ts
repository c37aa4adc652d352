import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { catalogue, initialiseParameters, presets } from "../schedules/index.ts";
import { encodeSchedule } from "../schedules/writer.ts";
import { candidateOf, findParticipants } from "./participants.ts";

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

const sgd = { kind: "sgd", momentum: 0.5 } as const;

describe("findParticipants", () => {
  it("has candidates as given, then tuned, then untuned baselines, each name once.", async () => {
    const schedules = ["polynomial", path, "cosine", path];
    const all = await findParticipants({ schedules, baselines: ["tuned", "untuned"], trials: 5 });
    expect(all.map(({ kind, name, trials }) => [kind, name, trials])).toEqual([
      ["candidate", "polynomial", 5],
      ["candidate", path, 0],
      ...["constant", "cosine", "linear", "onecycle"].map((name) => ["tuned", name, 5]),
      ...catalogue.map(({ name }) => ["untuned", `${name}@default`, 1]),
    ]);
    const alone = await findParticipants({ schedules: ["cosine"], baselines: [], trials: 5 });
    expect(alone.map(({ kind, name }) => [kind, name])).toEqual([["candidate", "cosine"]]);
  });

  it("knows a learned schedule by the SHA-256 of its file, and insures it alone.", async () => {
    const [learned, ...others] = await findParticipants({
      schedules: [path],
      baselines: ["tuned"],
      trials: 2,
      insure: true,
    });
    expect(learned).toMatchObject({ name: `${path}+insured`, reference: path, insured: true });
    expect(learned!.file!.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(others.some(({ insured }) => insured)).toBe(false);
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

describe("candidateOf", () => {
  it("gives a tuned one rates to choose from, an untuned one its usual rate, a learned one none.", async () => {
    const [learned, constant] = await findParticipants({
      schedules: [path],
      baselines: ["tuned"],
      trials: 2,
      insure: true,
    });
    const [untuned] = await findParticipants({ schedules: [], baselines: ["untuned"], trials: 2 });
    expect((await candidateOf(constant!, sgd)).baseRates).toEqual([0.025, 1.6]);
    expect(await candidateOf(untuned!, sgd)).toMatchObject({ name: "constant@default", baseRates: [0.05] });
    const candidate = await candidateOf(learned!, sgd);
    expect(candidate.baseRates).toEqual([]);
    expect(candidate.create(null).kind).toMatch(/^insured/);
  });
});
