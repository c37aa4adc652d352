import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Engine } from "../../engine/index.ts";
import { MlrSnetError } from "../../errors.ts";
import { Random } from "../../random.ts";
import { splitsOf } from "../../training/index.ts";
import { findTask } from "../../training/internal.ts";
import { decodeMetaCheckpoint, encodeMetaCheckpoint } from "./checkpoint.ts";
import { MetaTrainingRun } from "./meta-training.ts";

async function realCheckpoint(): Promise<Uint8Array> {
  const engine = await Engine.create({ planFolder: null, threads: 1 });
  const task = await findTask("mnist1d/logistic").load();
  const run = new MetaTrainingRun({
    task,
    data: splitsOf(task),
    engine,
    seed: 0,
    steps: 40,
    preset: "transfer",
  });
  const records = run.records();
  for (let step = 0; step < 36; step++) await records.next();
  const bytes = encodeMetaCheckpoint({ identity: run.identity, plan: engine.plan, state: run.save() });
  await run.release();
  return bytes;
}

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts));
}

/** One to four random changes: a byte, a cut, a piece written twice. */
function damage(bytes: Uint8Array, random: Random): Uint8Array {
  let damaged: Uint8Array = bytes.slice();
  for (let change = random.integer(4); change >= 0; change--) {
    const at = random.integer(damaged.length);
    const kind = random.integer(8);
    if (kind === 0) damaged = damaged.slice(0, at);
    else if (kind === 1) damaged = join(damaged.subarray(0, at), damaged.subarray(at >> 1));
    else damaged[at] = random.integer(256);
    if (damaged.length === 0) break;
  }
  return damaged;
}

function isAnswered(bytes: Uint8Array): boolean {
  try {
    decodeMetaCheckpoint(bytes);
    return true;
  } catch (error) {
    return error instanceof MlrSnetError && !error.message.includes("\n");
  }
}

describe("decodeMetaCheckpoint", () => {
  it("refuses 10,000 damaged checkpoints in one line each", async () => {
    const bytes = await realCheckpoint();
    const random = new Random(1, "damage");
    for (let round = 0; round < 10_000; round++)
      expect(isAnswered(damage(bytes, random)), `round ${round}`).toBe(true);
  });

  it("answers 10,000 forged ones, damaged inside and with the right checksum, with a whole run or one line", async () => {
    const bytes = await realCheckpoint();
    const header = bytes.subarray(0, 4000);
    const random = new Random(2, "damage");
    for (let round = 0; round < 10_000; round++) {
      const body = join(damage(header, random), bytes.subarray(4000, -32));
      const hash = createHash("sha256").update(body).digest();
      expect(isAnswered(join(body, hash)), `round ${round}`).toBe(true);
    }
  });
});
