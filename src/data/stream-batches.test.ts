import { describe, expect, it } from "vitest";
import { type Dataset, exampleCount } from "./dataset.ts";
import { decodedInputs, subset } from "./examples.ts";
import { splitEnd } from "./split.ts";
import { StreamBatches } from "./stream-batches.ts";
import { cutWindows } from "./tiny-shakespeare.ts";

/** Tokens 0, 1, 2, ... in windows of 3: window w holds 3w, 3w + 1, 3w + 2. */
const text = (windows: number): Dataset =>
  cutWindows(
    "text",
    Uint8Array.from({ length: 3 * windows + 1 }, (_, place) => place),
    3,
    256,
  );

function batch(stream: StreamBatches, step: number): [inputs: number[], labels: number[]] {
  const [inputs, labels] = [new Int32Array(stream.batchSize * 3), new Int32Array(stream.batchSize * 3)];
  stream.fill(step, inputs, labels);
  return [[...inputs], [...labels]];
}

describe("StreamBatches", () => {
  it("reads the next window of every lane in each step, and leaves out what is over", () => {
    const stream = new StreamBatches(text(7), { batchSize: 2 });
    expect(stream.stepsPerEpoch).toBe(3);
    expect([0, 1, 2].map((step) => batch(stream, step)[0])).toEqual([
      [0, 1, 2, 9, 10, 11],
      [3, 4, 5, 12, 13, 14],
      [6, 7, 8, 15, 16, 17],
    ]);
    expect(batch(stream, 1)[1]).toEqual([4, 5, 6, 13, 14, 15]);
  });

  it("begins afresh with each epoch, and gives the batch of any step at once", () => {
    const stream = new StreamBatches(text(7), { batchSize: 2 });
    expect([0, 1, 2, 3, 4].map((step) => stream.startsAfresh(step))).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
    expect(batch(stream, 5)).toEqual(batch(stream, 2));
  });

  it("takes both parts of a text that was split at its end, and refuses one with gaps", () => {
    const { remaining, heldOut } = splitEnd(text(7), 2);
    expect([exampleCount(remaining), [...decodedInputs(heldOut)]]).toEqual([5, [15, 16, 17, 18, 19, 20]]);
    expect(batch(new StreamBatches(heldOut, { batchSize: 2 }), 0)[0]).toEqual([15, 16, 17, 18, 19, 20]);
    expect(() => new StreamBatches(subset(text(7), [0, 1, 3]), { batchSize: 1 })).toThrow(
      expect.objectContaining({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining("a gap before example 2"),
      }),
    );
  });

  it("refuses more lanes than windows, steps that are none, and buffers of another length", () => {
    const invalid = expect.objectContaining({ code: "INVALID_ARGUMENT" });
    expect(() => new StreamBatches(text(7), { batchSize: 8 })).toThrow(invalid);
    const stream = new StreamBatches(text(7), { batchSize: 2 });
    expect(() => batch(stream, -1)).toThrow(invalid);
    expect(() => stream.fill(0, new Int32Array(5), new Int32Array(6))).toThrow(
      expect.objectContaining({ code: "SHAPE_MISMATCH" }),
    );
  });
});
