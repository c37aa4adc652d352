import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { MlrSnetError } from "../../errors.ts";
import { Random } from "../../random.ts";
import { presets } from "../../schedules/index.ts";
import type { MemberCount, MemberGuard } from "../population/guard.ts";
import {
  decodeLongHorizonCheckpoint,
  encodeLongHorizonCheckpoint,
  type LongHorizonCheckpoint,
} from "./checkpoint.ts";
import { LongHorizonTraining } from "./long-horizon.ts";
import { type Estimator, type LongHorizonOptions, longHorizonDefaults } from "./options.ts";

const optionsOf = (estimator: Estimator): LongHorizonOptions => ({
  ...longHorizonDefaults,
  cell: { ...presets.transfer, hidden: 3 },
  seed: 2,
  estimator,
  tasks: 3,
  pairs: 2,
  distribution: { shortest: 5, longest: 10 },
  window: 3,
});

async function realCheckpoint(estimator: Estimator): Promise<LongHorizonCheckpoint> {
  const options = optionsOf(estimator);
  const training = await LongHorizonTraining.create(options);
  for await (const { step } of training.records()) if (step === 1) break;
  const state = await training.save();
  await training.release();
  return { options, runtime: "test", state };
}

let whole: Record<Estimator, LongHorizonCheckpoint>;
beforeAll(async () => {
  whole = { es: await realCheckpoint("es"), pes: await realCheckpoint("pes") };
});

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts));
}

/** One to four random changes: a byte, a digit, a cut, a piece written twice. */
function damage(bytes: Uint8Array, random: Random): Uint8Array {
  let damaged: Uint8Array = bytes.slice();
  for (let change = random.integer(4); change >= 0; change--) {
    const at = random.integer(damaged.length);
    const kind = random.integer(8);
    if (kind === 0) damaged = damaged.slice(0, at);
    else if (kind === 1) damaged = join(damaged.subarray(0, at), damaged.subarray(at >> 1));
    else if (kind < 4) damaged[at] = 48 + random.integer(10);
    else damaged[at] = random.integer(256);
    if (damaged.length === 0) break;
  }
  return damaged;
}

/** The checkpoint, or the code of a refusal in one line; anything else that is thrown fails the test. */
function read(bytes: Uint8Array): LongHorizonCheckpoint | string {
  try {
    return decodeLongHorizonCheckpoint(bytes);
  } catch (error) {
    if (error instanceof MlrSnetError && !error.message.includes("\n")) return error.code;
    throw error;
  }
}

describe("decodeLongHorizonCheckpoint", () => {
  it("reads what was written.", () => {
    for (const checkpoint of Object.values(whole)) {
      const bytes = encodeLongHorizonCheckpoint(checkpoint);
      expect(read(bytes)).toEqual(checkpoint);
    }
    const kept = Object.values(whole.pes.state.kept).map(
      ({ data }) => (data as { step: number | null }).step,
    );
    expect(kept.filter((step) => step !== null).length).toBeGreaterThan(0);
    expect(kept).toHaveLength(3);
    expect(whole.es.state.kept).toEqual({});
  });

  it("refuses 3,000 damaged checkpoints in one line each.", () => {
    const random = new Random(1, "damage");
    const files = Object.values(whole).map(encodeLongHorizonCheckpoint);
    for (let round = 0; round < 3000; round++) {
      const bytes = files[round % 2]!;
      const damaged = damage(bytes, random);
      if (Buffer.compare(damaged, bytes) !== 0) expect(read(damaged), `round ${round}`).toBeTypeOf("string");
    }
  });

  it("answers 3,000 forged ones, damaged in the header and with the right checksum, with a whole run or one line.", () => {
    const random = new Random(2, "damage");
    const files = Object.values(whole).map(encodeLongHorizonCheckpoint);
    const answers = { run: 0, refusal: 0 };
    for (let round = 0; round < 3000; round++) {
      const bytes = files[round % 2]!;
      const length = new DataView(bytes.buffer).getUint32(8, true);
      // All of the header, or the options at its beginning, or the kept runs and arrays at its end.
      const [from, to] = [
        [8, 12 + length],
        [12, 1200],
        [12 + length - 1200, 12 + length],
      ][random.integer(3)]!;
      const header = damage(bytes.subarray(from, to), random);
      const body = join(bytes.subarray(0, from), header, bytes.subarray(to, -32));
      const answer = read(join(body, createHash("sha256").update(body).digest()));
      if (typeof answer === "string") answers.refusal++;
      else {
        answers.run++;
        // It is one that can be written again.
        expect(read(encodeLongHorizonCheckpoint(answer)), `round ${round}`).not.toBeTypeOf("string");
      }
    }
    expect(Math.min(answers.run, answers.refusal)).toBeGreaterThan(100);
  });

  it("refuses what is not a whole run, though it is well written.", () => {
    type Change = (checkpoint: LongHorizonCheckpoint) => unknown;
    const slotsOf = ({ state }: LongHorizonCheckpoint) =>
      Object.values(state.kept) as { data: Record<string, unknown>; arrays: Record<string, Float32Array> }[];
    const going = (checkpoint: LongHorizonCheckpoint) =>
      slotsOf(checkpoint).find(({ data }) => data.step !== null)!;
    const countsOf = (checkpoint: LongHorizonCheckpoint) => going(checkpoint).data.counts as MemberCount[];
    const guardsOf = (checkpoint: LongHorizonCheckpoint) => going(checkpoint).data.guards as MemberGuard[];
    const loose = (checkpoint: LongHorizonCheckpoint) => checkpoint as unknown as Record<string, object>;
    const forged: Record<string, Change> = {
      "no options": (it) => Object.assign(it, { options: {} }),
      "options that are none": (it) => Object.assign(it, { options: 5 }),
      "options of null": (it) => Object.assign(it, { options: null }),
      "no cell": (it) => Object.assign(it.options, { cell: null }),
      "a cell without a form in the graph": (it) => Object.assign(it.options, { cell: presets["meta-test"] }),
      "a cell of another size": (it) => Object.assign(it.options, { cell: presets.transfer }),
      "no pairs": (it) => Object.assign(it.options, { pairs: 0 }),
      "more pairs": (it) => Object.assign(it.options, { pairs: 1e9 }),
      "fewer tasks than kept runs": (it) => Object.assign(it.options, { tasks: 1 }),
      "another estimator": (it) => Object.assign(it.options, { estimator: "es" }),
      "an estimator that is none": (it) => Object.assign(it.options, { estimator: "toString" }),
      "no distribution": (it) => Object.assign(it.options, { distribution: { longest: -1 } }),
      "a seed that is none": (it) => Object.assign(it.options, { seed: "2" }),
      "another seed, and so other tasks": (it) => Object.assign(it.options, { seed: 3 }),
      "a task for windows": (it) =>
        Object.assign(it.options, { task: { reference: "mnist1d/mlp", steps: 9 } }),
      "no runtime": (it) => Object.assign(it, { runtime: null }),
      "negative seconds": (it) => Object.assign(it.state, { seconds: -1 }),
      "a generation that Adam does not know": (it) => it.state.evolution.generation++,
      "a shorter θ": (it) => it.state.evolution.theta.pop(),
      "a longer average": (it) => it.state.evolution.average.push(0),
      "a θ that is not finite": (it) => Object.assign(it.state.evolution.theta, { 3: Number.NaN }),
      "a shorter m of Adam": (it) => it.state.evolution.adam.m.pop(),
      "no v of Adam": (it) => Object.assign(it.state.evolution.adam, { v: null }),
      "a negative v of Adam": (it) => Object.assign(it.state.evolution.adam.v, { 0: -1 }),
      "all of another length": ({ state: { evolution } }) =>
        Object.assign(evolution, { theta: [0], average: [0], adam: { updates: 2, m: [0], v: [0] } }),
      "no evolution": (it) => Object.assign(loose(it).state!, { evolution: [] }),
      "a kept run at no place": (it) => Object.assign(it.state.kept, { [-1]: it.state.kept[0] }),
      "a kept run of no place": (it) => Object.assign(it.state.kept, { "1.5": it.state.kept[0] }),
      "a kept run that is none": (it) => Object.assign(slotsOf(it)[0]!, { data: null }),
      "a kept run of no draw": (it) => Object.assign(slotsOf(it)[0]!.data, { draw: 0.5 }),
      "a kept run past its end": (it) => Object.assign(going(it).data, { step: 10 }),
      "a kept run before its beginning": (it) => Object.assign(going(it).data, { step: 0 }),
      "a kept run with arrays and no step": (it) => Object.assign(going(it).data, { step: null }),
      "a kept run without sums": (it) => delete going(it).arrays["sums.1"],
      "a kept run with a sum of another pair": (it) => {
        const { arrays } = going(it);
        arrays["sums.7"] = arrays["sums.1"]!;
        delete arrays["sums.1"];
      },
      "a kept run with shorter sums": (it) => (going(it).arrays["sums.0"] = new Float32Array(3)),
      "sums that are not finite": (it) => going(it).arrays["sums.0"]!.fill(Number.NaN),
      "a kept run without weights": (it) => delete going(it).arrays.weights,
      "a kept run with longer weights": (it) => (going(it).arrays.weights = new Float32Array(1e5)),
      "a kept run with a shorter memory": (it) => (going(it).arrays["k.h"] = new Float32Array(1)),
      "a kept run without its older copies": (it) => delete going(it).arrays["older.weights"],
      "a kept run without counts": (it) => delete going(it).data.counts,
      "a kept run with a count too few": (it) => countsOf(it).pop(),
      "a kept run with a negative count": (it) => Object.assign(countsOf(it)[0]!, { updates: -1 }),
      "a kept run with a count that says nothing of its first loss": (it) =>
        Object.assign(countsOf(it)[0]!, { isFresh: 1 }),
      "a kept run with a guard too few": (it) => guardsOf(it).pop(),
      "a kept run with a guard that is none": (it) => Object.assign(guardsOf(it), { 1: {} }),
      "a kept run whose guard has no factor": (it) => Object.assign(guardsOf(it)[0]!.guard, { factor: null }),
      "a kept run whose guard has no losses": (it) => Object.assign(guardsOf(it)[0]!.guard, { losses: null }),
      "a kept run whose guard has half a question": (it) =>
        Object.assign(guardsOf(it)[0]!.guard, { asked: { count: 1 } }),
      "a kept run whose copy has no count": (it) => Object.assign(guardsOf(it)[0]!, { newest: null }),
      "a kept run whose count has no copy": (it) => Object.assign(guardsOf(it)[0]!.guard, { newest: null }),
      "a kept run with one array more": (it) => (going(it).arrays["k.x/y"] = new Float32Array(1)),
    };
    for (const [what, change] of Object.entries(forged)) {
      const checkpoint = structuredClone(whole.pes);
      change(checkpoint);
      expect(read(encodeLongHorizonCheckpoint(checkpoint)), what).toBe("FILE_CORRUPT");
    }
    const { es } = structuredClone(whole);
    Object.assign(es.state.kept, whole.pes.state.kept);
    expect(read(encodeLongHorizonCheckpoint(es)), "runs kept by whole runs").toBe("FILE_CORRUPT");
  });
});
