import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import golden from "../../../test/golden/mlr-snet-legacy.json" with { type: "json" };
import zipped from "../../../test/golden/mlr-snet-zip.json" with { type: "json" };
import { writeZip } from "../../../test/write-zip.ts";
import { MlrSnetError } from "../../errors.ts";
import { Random } from "../../random.ts";
import { initialiseParameters } from "./initialise.ts";
import { presets } from "./presets.ts";
import { importPyTorch } from "./pytorch-import.ts";
import { decodeSchedule, encodeSchedule, equalFractions } from "./schedule-file.ts";
import { readZip } from "./zip.ts";

const FILES = 20_000;
const official = "../shared/data/mlr-snet-official/mlr_snet_1.pth";

/** One to eight random changes; half of them in the first part, where the structure is. */
function mutate(original: Uint8Array, structure: number, random: Random): Uint8Array {
  let bytes = Uint8Array.from(original); // a slice of a Buffer would share its memory
  for (let change = random.integer(8); change >= 0; change--) {
    const within = random.integer(2) === 0 ? Math.min(structure, bytes.length) : bytes.length;
    const at = random.integer(within + 1);
    const length = random.integer(16);
    switch (random.integer(6)) {
      case 0:
        bytes = bytes.slice(0, at);
        break;
      case 1:
        bytes[at] = random.integer(256);
        break;
      case 2:
        bytes[at]! ^= 1 << random.integer(8);
        break;
      case 3:
        bytes = Uint8Array.from(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]));
        break;
      case 4: // a piece from elsewhere
        bytes.copyWithin(at, random.integer(bytes.length + 1), random.integer(bytes.length + 1));
        break;
      default: // a digit, so that JSON stays JSON
        bytes[at] = 0x30 + random.integer(10);
    }
  }
  return bytes;
}

const everyOutcome = ["FILE_CORRUPT", "SHAPE_MISMATCH", "UNSUPPORTED_FORMAT", "valid"];

function survives(
  original: Uint8Array,
  structure: number,
  read: (bytes: Uint8Array) => unknown,
  expected: readonly string[] = everyOutcome,
): void {
  read(original);
  survivesAll((random) => mutate(original, structure, random), read, expected);
}

/** @param next makes one damaged file after the other. */
function survivesAll(
  next: (random: Random) => Uint8Array,
  read: (bytes: Uint8Array) => unknown,
  expected: readonly string[],
): void {
  const random = new Random(11, "mutations");
  const outcomes = new Map<string, number>();
  for (let file = 0; file < FILES; file++) {
    let outcome = "valid";
    try {
      read(next(random));
    } catch (error) {
      if (!(error instanceof MlrSnetError)) throw new Error(`file ${file}`, { cause: error });
      expect(error.message).toMatch(/^[^\n]{1,500}$/);
      outcome = error.code;
    }
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  expect([...outcomes.keys()].sort()).toEqual(expected);
}

describe("the reader of schedule files", () => {
  it(`gives a valid schedule or an MlrSnetError for each of ${FILES} damaged files`, () => {
    const cell = { ...presets["meta-test"], hidden: 2, middle: 2 };
    const thetas = [1, 2].map((seed) => initialiseParameters(cell, seed));
    const snapshots = { switchRule: "fractions" as const, fractions: equalFractions(2), thetas };
    const bytes = encodeSchedule({ cell, snapshots, provenance: { seed: 1 } });
    survives(bytes, 1800, decodeSchedule);
  });

  it(`does so for ${FILES} damaged files with an integrating output`, () => {
    const cell = { ...presets.transfer, hidden: 2 };
    const snapshots = {
      switchRule: "fractions" as const,
      fractions: [0],
      thetas: [initialiseParameters(cell, 1)],
    };
    survives(encodeSchedule({ cell, snapshots, provenance: {} }), 1200, decodeSchedule);
  });
});

describe("the reader of PyTorch checkpoints", () => {
  it(`gives a valid cell or an MlrSnetError for each of ${FILES} damaged files`, () => {
    survives(Buffer.from(golden.checkpoint, "base64"), 3000, importPyTorch);
  });

  it.skipIf(!existsSync(official))(
    `does so for ${FILES} damaged copies of an authors' checkpoint (skipped where ../shared/data is missing)`,
    () => survives(readFileSync(official), 1816, importPyTorch),
  );

  const file = Buffer.from(zipped.files.float32, "base64");

  it(`does so for ${FILES} damaged files in the zip format`, () => {
    // A checksum finds what would else be another shape.
    survives(file, 3600, importPyTorch, ["FILE_CORRUPT", "UNSUPPORTED_FORMAT", "valid"]);
  });

  it(`does so for ${FILES} in the zip format whose entries are damaged and have the right checksums`, () => {
    const entries = [...readZip(file)].map(([name, read]) => ({ name, content: read() }));
    const damaged = (random: Random): Uint8Array => {
      // The state dict half of the time.
      const at = random.integer(2) === 0 ? 0 : random.integer(entries.length);
      const deflate = random.integer(2) === 0;
      return writeZip(
        entries.map(({ name, content }, index) => ({
          name,
          content: index === at ? mutate(content, 600, random) : content,
          deflate,
        })),
      );
    };
    survivesAll(damaged, importPyTorch, everyOutcome);
  });
});
