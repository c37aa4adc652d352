import { drawNormals, type Random } from "../random.ts";
import { balancedLabels, between, type GeneratedTask } from "./generated-task.ts";
import { mnist1dTemplates } from "./mnist1d.ts";
import { drawMnist1d, mnist1dConstants, transformMnist1d } from "./mnist1d-transform.ts";

/** Signals of MNIST-1D, [40], of randomly chosen digits; for one task in four, one order for all positions. */
export function mnist1dTask(classes: number, random: Random): GeneratedTask {
  const { length } = mnist1dConstants;
  const templates = mnist1dTemplates();
  const digits = random.permutation(templates.length).subarray(0, classes);
  const isPermuted = random.integer(4) === 0;
  const order = isPermuted ? random.permutation(length) : Uint32Array.from({ length }, (_, place) => place);

  return (count, random) => {
    const labels = balancedLabels(count, classes, random);
    const inputs = new Float32Array(count * length);
    for (let example = 0; example < count; example++) {
      const signal = transformMnist1d(templates[digits[labels[example]!]!]!, drawMnist1d(random));
      for (let place = 0; place < length; place++) inputs[example * length + place] = signal[order[place]!]!;
    }
    return { inputs, labels };
  };
}

/** Height and width of an image. */
export const side = 8;
const largestShift = 2;

/**
 * Images [8, 8, 1] of one smooth random field a class, moved by up to 2 pixels each way around the edges.
 *
 *     image = contrast · template shifted + brightness + deviation · noise
 *
 * Contrast is 0.5 to 1.5, brightness normal with deviation 0.3; the deviation of the noise, 0.2 to 1, is the task's.
 */
export function imagesTask(classes: number, random: Random): GeneratedTask {
  const templates = Array.from({ length: classes }, () => smoothField(random));
  const deviation = between(0.2, 1, random);
  const pixels = side * side;
  const shift = (random: Random) => random.integer(2 * largestShift + 1) - largestShift + side;

  return (count, random) => {
    const labels = balancedLabels(count, classes, random);
    const noise = drawNormals(random, count * pixels);
    const inputs = new Float32Array(count * pixels);
    for (let example = 0; example < count; example++) {
      const template = templates[labels[example]!]!;
      const [down, right] = [shift(random), shift(random)];
      const contrast = between(0.5, 1.5, random);
      const brightness = 0.3 * random.normal();
      for (let pixel = 0; pixel < pixels; pixel++) {
        const row = (Math.floor(pixel / side) + down) % side;
        const column = (pixel + right) % side;
        const at = example * pixels + pixel;
        inputs[at] = contrast * template[row * side + column]! + brightness + deviation * noise[at]!;
      }
    }
    return { inputs, labels };
  };
}

/** [8 · 8], periodic: waves of at most two periods across, slow ones the strongest; mean 0 and deviation 1. */
function smoothField(random: Random): Float64Array {
  const field = new Float64Array(side * side);
  for (let down = 0; down <= 2; down++)
    for (let right = -2; right <= 2; right++) {
      if (down === 0 && right <= 0) continue; // The mean, and waves that are already there.
      const amplitude = random.normal() / (down * down + right * right);
      const phase = 2 * Math.PI * random.uniform();
      for (let pixel = 0; pixel < field.length; pixel++) {
        const turns = (down * Math.floor(pixel / side) + right * (pixel % side)) / side;
        field[pixel]! += amplitude * Math.cos(2 * Math.PI * turns + phase);
      }
    }
  const deviation = Math.sqrt(field.reduce((sum, value) => sum + value * value, 0) / field.length);
  return field.map((value) => value / deviation);
}
