import { describe, expect, it } from "vitest";
import { keyOf, keyText, stepsOfUnit, type UnitRequest } from "./benchmark-unit.ts";
import { protocolVersion } from "./task-settings.ts";

const request: UnitRequest = {
  suite: "dev",
  task: "mnist/mlp",
  steps: 800,
  participant: {
    kind: "candidate",
    name: "s.safetensors",
    reference: "s.safetensors",
    trials: 0,
    file: { bytes: new Uint8Array([1]), sha256: "ab" },
    guarded: false,
  },
  seeds: 3,
  seed: 0,
  searchSeeds: 2,
  keepsValidation: true,
  taskHash: "0123",
  commit: "abc",
};

describe("keyOf", () => {
  it("holds what decides the result of a unit.", () => {
    expect(keyOf(request, "ort 1")).toEqual({
      protocolVersion,
      trainedOn: "training part",
      taskHash: "0123",
      searchSeeds: 2,
      task: "mnist/mlp",
      steps: 800,
      participant: "candidate",
      schedule: "s.safetensors",
      sha256: "ab",
      guarded: false,
      trials: 0,
      seeds: 3,
      seed: 0,
      runtime: "ort 1",
    });
  });

  it("differs wherever one of these differs.", () => {
    const { participant } = request;
    const others: UnitRequest[] = [
      request,
      { ...request, task: "dev/mnist1d-mlp" },
      { ...request, steps: 801 },
      { ...request, seeds: 4 },
      { ...request, seed: 1 },
      { ...request, searchSeeds: 1 },
      { ...request, keepsValidation: false },
      { ...request, taskHash: "0124" },
      { ...request, participant: { ...participant, kind: "tuned" } },
      { ...request, participant: { ...participant, reference: "t.safetensors" } },
      { ...request, participant: { ...participant, trials: 5 } },
      { ...request, participant: { ...participant, guarded: true } },
      { ...request, participant: { ...participant, file: { bytes: new Uint8Array([2]), sha256: "cd" } } },
    ];
    const texts = new Set([
      ...others.map((other) => keyText(keyOf(other, "ort 1"))),
      keyText(keyOf(request, "ort 2")),
    ]);
    expect(texts.size).toBe(others.length + 1);
  });
});

describe("keyText", () => {
  it("is the same for code of another commit, which is kept beside it.", () => {
    const other = { ...request, commit: "def" };
    expect(keyText(keyOf(other, "ort 1"))).toBe(keyText(keyOf(request, "ort 1")));
  });

  it("does not depend on the order of the fields.", () => {
    const key = keyOf(request, "ort 1");
    const turned = Object.fromEntries(Object.entries(key).reverse()) as typeof key;
    expect(keyText(turned)).toBe(keyText(key));
  });
});

describe("stepsOfUnit", () => {
  it("counts the final runs, and those of a search where there is one.", () => {
    const withTrials = (trials: number): UnitRequest => ({
      ...request,
      participant: { ...request.participant, trials },
    });
    expect([0, 1, 5].map((trials) => stepsOfUnit(withTrials(trials)))).toEqual([2400, 2400, 10_400]);
  });
});
