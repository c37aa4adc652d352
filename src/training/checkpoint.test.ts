import { describe, expect, it } from "vitest";
import { MlrSnetError } from "../errors.ts";
import { Random } from "../random.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";

const checkpoint: Checkpoint = {
  kind: "test",
  data: { step: 7, theta: [0.1, 1 / 3, Number.MIN_VALUE, -1e300], note: "ü" },
  arrays: {
    weights: Float32Array.of(1, Math.fround(0.1), Number.NaN),
    empty: new Float32Array(),
    other: Float32Array.of(-0),
  },
};

describe("decodeCheckpoint", () => {
  it("gives back what was encoded, every bit of it", () => {
    const bytes = encodeCheckpoint(checkpoint);
    // At an odd offset in a larger buffer, as a reader of files may give it.
    const shifted = new Uint8Array(bytes.length + 1).subarray(1);
    shifted.set(bytes);
    expect(decodeCheckpoint(shifted, "test")).toEqual(checkpoint);
    expect(decodeCheckpoint(Buffer.from(bytes), "test")).toEqual(checkpoint);
  });

  it("refuses a checkpoint of another kind and a file that is none", () => {
    expect(() => decodeCheckpoint(encodeCheckpoint(checkpoint), "meta")).toThrow(
      /checkpoint of meta, got one of test/,
    );
    expect(() => decodeCheckpoint(new TextEncoder().encode("hello"), "test")).toThrow(
      /does not begin like one/,
    );
    expect(() => decodeCheckpoint(new Uint8Array(), "test")).toThrow(/does not begin like one/);
  });

  it("finds any one changed byte and any cut", () => {
    const bytes = encodeCheckpoint(checkpoint);
    const random = new Random(1);
    for (let round = 0; round < 300; round++) {
      const cut = round % 2 === 0;
      const damaged = cut ? bytes.slice(0, random.integer(bytes.length)) : bytes.slice();
      if (!cut) damaged[random.integer(bytes.length)]! ^= 1 + random.integer(255);
      expect(() => decodeCheckpoint(damaged, "test")).toThrow(MlrSnetError);
    }
  });
});
