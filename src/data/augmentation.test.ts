import { describe, expect, it } from "vitest";
import { Random } from "../random.ts";
import { type Augmentation, augmented, cropAndFlip } from "./augmentation.ts";
import type { Dataset } from "./dataset.ts";
import { decodedInputs } from "./examples.ts";
import { ShuffledBatches } from "./shuffled-batches.ts";
import { StreamBatches } from "./stream-batches.ts";

/** Images [2, 3, 3] of bytes, all different within one. */
const images: Dataset = {
  name: "images",
  inputs: Uint8Array.from({ length: 8 * 18 }, (_, place) => place + 1),
  inputShape: [2, 3, 3],
  pixels: { mean: [0.25, 0.5], deviation: [0.5, 0.25] },
  labels: Int32Array.from({ length: 8 }, (_, index) => index % 2),
  classes: 2,
};

/** What an augmentation makes of image 0 with a stream. */
function changed(augment: Augmentation, stream: number): number[] {
  const example = (decodedInputs(images) as Float32Array).slice(0, 18);
  augment(example, new Random(stream), images);
  return [...example];
}

const original = [...decodedInputs(images).subarray(0, 18)];

describe("cropAndFlip", () => {
  it("without padding mirrors half of the images from left to right, and leaves the others", () => {
    const mirrored = original.map((_, place) => original[place - (place % 3) + 2 - (place % 3)]!);
    const made = Array.from({ length: 200 }, (_, stream) => changed(cropAndFlip({ padding: 0 }), stream));
    const flips = made.filter((image) => image.join() === mirrored.join()).length;
    expect(made.filter((image) => image.join() === original.join()).length).toBe(200 - flips);
    expect(Math.abs(flips - 100)).toBeLessThan(30);
  });

  it("with padding moves the image to each place as often, black where it has left, by channel", () => {
    const augment = cropAndFlip({ padding: 1, flip: false });
    const places = new Map<string, number>();
    for (let stream = 0; stream < 900; stream++) {
      const image = changed(augment, stream);
      const key = image.join();
      places.set(key, (places.get(key) ?? 0) + 1);
    }
    expect(places.size).toBe(9);
    for (const count of places.values()) expect(Math.abs(count - 100)).toBeLessThan(40);
    // Down and to the right by one: what is new at the top left is byte 0, -0.25 / 0.5 and -0.5 / 0.25.
    const [black, white] = [-0.5, -2];
    const [a, b] = [original.slice(0, 9), original.slice(9)] as [number[], number[]];
    const moved = (plane: number[], fill: number) => [
      ...[fill, fill, fill, fill, plane[0], plane[1], fill, plane[3], plane[4]],
    ];
    expect(places.has([...moved(a, black), ...moved(b, white)].join())).toBe(true);
  });

  it("refuses other options, and images of other axes when it meets them", () => {
    for (const options of [{ padding: -1 }, { padding: 0.5 }, { flip: 1 as unknown as boolean }])
      expect(() => cropAndFlip(options)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    expect(() => cropAndFlip()(new Float32Array(4), new Random(0), { inputShape: [4] })).toThrow(
      "Expected images [channels, height, width] to crop, got [4].",
    );
  });
});

describe("augmented batches", () => {
  const create = (seed: number) =>
    augmented(new ShuffledBatches(images, { batchSize: 4, seed }), images, cropAndFlip(), seed);
  const batch = (step: number, seed = 0): number[] => {
    const [inputs, labels] = [new Float32Array(4 * 18), new Int32Array(4)];
    create(seed).fill(step, inputs, labels);
    return [...inputs, ...labels];
  };

  it("are a pure function of seed and step, and other ones in each epoch and for each seed", () => {
    expect(batch(3)).toEqual(batch(3));
    expect(batch(2)).not.toEqual(batch(0));
    expect(batch(0, 1)).not.toEqual(batch(0));
    expect([create(0).batchSize, create(0).stepsPerEpoch]).toEqual([4, 2]);
  });

  it("leave labels and order to the batches that they change, and streams streams", () => {
    const still = augmented(new ShuffledBatches(images, { batchSize: 4, seed: 0 }), images, () => {}, 0);
    const plain = new ShuffledBatches(images, { batchSize: 4, seed: 0 });
    const [inputs, labels] = [new Float32Array(72), new Int32Array(4)];
    still.fill(1, inputs, labels);
    const expected = [new Float32Array(72), new Int32Array(4)] as const;
    plain.fill(1, ...expected);
    expect([inputs, labels]).toEqual(expected);
    expect(still.startsAfresh).toBeUndefined();
    const stream = augmented(new StreamBatches(images, { batchSize: 2 }), images, () => {}, 0);
    expect([0, 1, 4].map((step) => stream.startsAfresh!(step))).toEqual([true, false, true]);
  });

  it("refuse tokens", () => {
    const { pixels: _, ...tokens } = { ...images, vocabulary: 256 };
    const batches = augmented(new ShuffledBatches(tokens, { batchSize: 4, seed: 0 }), tokens, () => {}, 0);
    expect(() => batches.fill(0, new Int32Array(72), new Int32Array(4))).toThrow("got tokens");
  });
});
