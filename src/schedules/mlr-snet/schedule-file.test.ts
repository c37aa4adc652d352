import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../errors.ts";
import type { CellConfig } from "./config.ts";
import { initialiseParameters } from "./initialise.ts";
import { presets } from "./presets.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
import { decodeSchedule, encodeSchedule, type ScheduleFile } from "./schedule-file.ts";

const cell: CellConfig = { ...presets["meta-test"], hidden: 2, middle: 3, layers: 2 };
const file: ScheduleFile = {
  cell,
  snapshots: {
    switchRule: "epoch-thirds",
    fractions: [0, 1 / 3, 2 / 3],
    thetas: [1, 2, 3].map((seed) => initialiseParameters(cell, seed).map(Math.fround)),
  },
  provenance: { recipe: "paper", task: "mnist1d/mlp", seed: 3, nested: { list: [1, null, "γ"] } },
};

/** The file's bytes with its header, or the description within, rewritten as text. */
function withHeader(
  edit: (header: string) => string,
  numbers?: (bytes: Uint8Array) => Uint8Array,
): Uint8Array {
  const bytes = encodeSchedule(file);
  const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = new TextEncoder().encode(edit(new TextDecoder().decode(bytes.subarray(8, start)).trimEnd()));
  const rest = (numbers ?? ((same) => same))(bytes.subarray(start));
  const result = new Uint8Array(8 + header.length + rest.length);
  new DataView(result.buffer).setBigUint64(0, BigInt(header.length), true);
  result.set(header, 8);
  result.set(rest, 8 + header.length);
  return result;
}

function withDescription(edit: (description: Record<string, never>) => unknown): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(encodeSchedule(file));
  const description = edit(JSON.parse(metadata.get("mlr_snet")!));
  const text = typeof description === "string" ? description : JSON.stringify(description);
  return encodeSafetensors({ tensors, metadata: new Map([["mlr_snet", text]]) });
}

function withTensors(
  edit: (tensors: Map<string, { shape: number[]; data: Float32Array }>) => void,
): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(encodeSchedule(file));
  edit(tensors as Map<string, { shape: number[]; data: Float32Array }>);
  return encodeSafetensors({ tensors, metadata });
}

describe("encodeSchedule", () => {
  it("writes what decodeSchedule reads back, number for number", () => {
    expect(decodeSchedule(encodeSchedule(file))).toEqual(file);
  });

  it.each(["transfer", "transfer-anytime"] as const)("keeps the whole cell of the preset %s", (preset) => {
    const cell = presets[preset];
    const snapshots = {
      ...file.snapshots,
      fractions: [0],
      thetas: [initialiseParameters(cell, 1).map(Math.fround)],
    };
    const transfer: ScheduleFile = { cell, snapshots, provenance: {} };
    expect(decodeSchedule(encodeSchedule(transfer))).toEqual(transfer);
  });

  it("writes the same bytes for the same schedule, with the numbers at a multiple of 8", () => {
    const bytes = encodeSchedule(file);
    expect(encodeSchedule(decodeSchedule(bytes))).toEqual(bytes);
    expect(new DataView(bytes.buffer).getBigUint64(0, true) % 8n).toBe(0n);
  });

  it("names the tensors snapshots.<i>.<name> and has the metadata mlr_snet alone", () => {
    const { tensors, metadata } = decodeSafetensors(encodeSchedule(file));
    expect([...metadata.keys()]).toEqual(["mlr_snet"]);
    expect(tensors.get("snapshots.2.layer2.0.fc_h2h.2.weight")!.shape).toEqual([8, 3]);
  });

  it("refuses a provenance that no file can hold, so that what it writes can be read", () => {
    const nested = JSON.parse(`${'{"a":'.repeat(99)}1${"}".repeat(99)}`);
    for (const provenance of [undefined, null, "text", [], { size: 1n }, nested])
      expect(() => encodeSchedule({ ...file, provenance: provenance as ScheduleFile["provenance"] })).toThrow(
        expect.objectContaining({
          code: "INVALID_ARGUMENT",
          message: expect.stringContaining("`provenance`"),
        }),
      );
  });

  it("refuses a θ of another length, numbers beyond float32 and snapshots without a place", () => {
    const { snapshots } = file;
    const [theta] = snapshots.thetas;
    const change = (thetas: Float64Array[]): ScheduleFile => ({
      ...file,
      snapshots: { ...snapshots, thetas },
    });
    expect(() => encodeSchedule(change([theta as Float64Array]))).toThrow("Expected 3 snapshots, got 1.");
    const fractions = [0.5];
    expect(() => encodeSchedule({ ...file, snapshots: { ...snapshots, fractions } })).toThrow(
      "Expected `fractions` to rise from 0 and stay below 1, got [0.5].",
    );
    const one = { ...file, snapshots: { ...snapshots, fractions: [0] } };
    const short = { ...one, snapshots: { ...one.snapshots, thetas: [theta!.slice(1)] } };
    expect(() => encodeSchedule(short)).toThrow(expect.objectContaining({ code: "SHAPE_MISMATCH" }));
    const huge = { ...one, snapshots: { ...one.snapshots, thetas: [theta!.map(() => 1e300)] } };
    expect(() => encodeSchedule(huge)).toThrow("Expected θ of snapshot 0 to be finite in float32.");
  });
});

describe("decodeSchedule", () => {
  const wrong: [string, ErrorCode, () => Uint8Array][] = [
    ["an empty file", "FILE_CORRUPT", () => new Uint8Array()],
    ["a file cut in the header", "FILE_CORRUPT", () => encodeSchedule(file).subarray(0, 300)],
    ["a file cut in the numbers", "FILE_CORRUPT", () => encodeSchedule(file).subarray(0, -1)],
    ["a byte too many", "FILE_CORRUPT", () => Uint8Array.of(...encodeSchedule(file), 0)],
    ["a huge header length", "FILE_CORRUPT", () => encodeSchedule(file).fill(255, 0, 8)],
    ["no JSON", "FILE_CORRUPT", () => withHeader((text) => text.slice(1))],
    ["no UTF-8", "FILE_CORRUPT", () => encodeSchedule(file).fill(255, 20, 22)],
    ["a list as header", "FILE_CORRUPT", () => withHeader(() => "[]")],
    ["a name given twice", "FILE_CORRUPT", () => withHeader((text) => text.replace("{", '{"a":{},"a":{},'))],
    [
      "a tensor without shape",
      "FILE_CORRUPT",
      () => withHeader((text) => text.replace('"shape":[3,1],', "")),
    ],
    ["negative offsets", "FILE_CORRUPT", () => withHeader((text) => text.replace("[0,12]", "[-12,0]"))],
    ["an overlap", "FILE_CORRUPT", () => withHeader((text) => text.replace("[12,24]", "[0,12]"))],
    [
      "offsets beyond the file",
      "FILE_CORRUPT",
      () => withHeader((text) => text.replace("[12,24]", "[12000,12012]")),
    ],
    ["a shape unlike its bytes", "FILE_CORRUPT", () => withHeader((text) => text.replace("[3,1]", "[3,2]"))],
    [
      "an absurd shape",
      "FILE_CORRUPT",
      () => withHeader((text) => text.replace("[3,1]", "[9007199254740991,9]")),
    ],
    [
      "metadata that is no text",
      "FILE_CORRUPT",
      () => withHeader((text) => text.replace('"__metadata__":{', '"__metadata__":{"a":1,')),
    ],
    ["float16 numbers", "UNSUPPORTED_FORMAT", () => withHeader((text) => text.replace('"F32"', '"F16"'))],
    [
      "no metadata",
      "UNSUPPORTED_FORMAT",
      () => {
        const { tensors } = decodeSafetensors(encodeSchedule(file));
        return encodeSafetensors({ tensors, metadata: new Map() });
      },
    ],
    ["a later version", "UNSUPPORTED_FORMAT", () => withDescription((d) => ({ ...d, formatVersion: 2 }))],
    [
      "an unknown input",
      "UNSUPPORTED_FORMAT",
      () => withDescription((d) => ({ ...d, cell: { ...cell, inputs: ["x"] } })),
    ],
    [
      "an unknown output form",
      "UNSUPPORTED_FORMAT",
      () => withDescription((d) => ({ ...d, cell: { ...cell, output: { form: "adding", step: 0.1 } } })),
    ],
    [
      "an integrating output out of range",
      "UNSUPPORTED_FORMAT",
      () =>
        withDescription((d) => ({
          ...d,
          cell: { ...cell, output: { ...(presets.transfer.output as object), start: 1e4 } },
        })),
    ],
    [
      "an unknown switch rule",
      "UNSUPPORTED_FORMAT",
      () => withDescription((d) => ({ ...d, snapshots: { switchRule: "x" } })),
    ],
    ["a further field", "FILE_CORRUPT", () => withDescription((d) => ({ ...d, more: 1 }))],
    ["no provenance", "FILE_CORRUPT", () => withDescription(({ provenance: _, ...d }) => d)],
    ["a description that is no JSON", "FILE_CORRUPT", () => withDescription(() => "{")],
    [
      "a description with a key twice",
      "FILE_CORRUPT",
      () => withDescription(() => '{"formatVersion":1,"formatVersion":1}'),
    ],
    [
      "another cell",
      "SHAPE_MISMATCH",
      () => withDescription((d) => ({ ...d, cell: { ...cell, hidden: 4096 } })),
    ],
    [
      "a missing tensor",
      "SHAPE_MISMATCH",
      () => withTensors((tensors) => tensors.delete("snapshots.1.layer3.bias")),
    ],
    [
      "a further tensor",
      "SHAPE_MISMATCH",
      () =>
        withTensors((tensors) => tensors.set("snapshots.0.layer4", { shape: [0], data: new Float32Array() })),
    ],
    [
      "a further snapshot",
      "SHAPE_MISMATCH",
      () =>
        withTensors((tensors) =>
          tensors.set("snapshots.3.layer3.bias", { shape: [1], data: new Float32Array(1) }),
        ),
    ],
    [
      "another shape",
      "SHAPE_MISMATCH",
      () => withTensors((tensors) => (tensors.get("snapshots.0.layer3.weight")!.shape = [2, 1])),
    ],
    [
      "a NaN weight",
      "FILE_CORRUPT",
      () =>
        withHeader(
          (text) => text,
          (numbers) => numbers.fill(255, 8, 12),
        ),
    ],
  ];
  it.each(wrong)("refuses %s with %s", (_, code, bytes) => {
    expect(() => decodeSchedule(bytes())).toThrow(expect.objectContaining({ name: "MlrSnetError", code }));
  });

  it("says in one short line what is wrong", () => {
    for (const [, , bytes] of wrong) {
      try {
        decodeSchedule(bytes());
      } catch (error) {
        expect((error as Error).message).toMatch(/^.{10,400}$/);
      }
    }
  });
});
