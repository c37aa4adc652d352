import { drawNormals, type Random } from "../random.ts";
import { between, type GeneratedTask } from "./generated-task.ts";
import { dimensions } from "./generated-vectors.ts";

/** Hidden units. */
const width = 16;

/**
 * Standard normal vectors [D], labelled by a random network.
 *
 *     label = argmax(V · tanh(gain · W x + b) + balance)
 *
 * The gain, 1 to 3 from the seed, says how far the network is from a linear one; `balance` evens the classes out.
 */
export function teacherTask(classes: number, random: Random): GeneratedTask {
  const gain = between(1, 3, random);
  const W = drawNormals(random, width * dimensions).map((value) => (gain * value) / Math.sqrt(dimensions));
  const b = drawNormals(random, width).map((value) => value / 2);
  const V = drawNormals(random, classes * width).map((value) => value / Math.sqrt(width));

  /** [count, classes]. */
  const scoresOf = (inputs: Float64Array) => {
    const count = inputs.length / dimensions;
    const scores = new Float64Array(count * classes);
    const hidden = new Float64Array(width);
    for (let example = 0; example < count; example++) {
      for (let unit = 0; unit < width; unit++) {
        let sum = b[unit]!;
        for (let axis = 0; axis < dimensions; axis++)
          sum += W[unit * dimensions + axis]! * inputs[example * dimensions + axis]!;
        hidden[unit] = Math.tanh(sum);
      }
      for (let label = 0; label < classes; label++)
        for (let unit = 0; unit < width; unit++)
          scores[example * classes + label]! += V[label * width + unit]! * hidden[unit]!;
    }
    return scores;
  };
  const balance = evenOut(scoresOf(drawNormals(random, 1000 * dimensions)), classes);

  return (count, random) => {
    const inputs = drawNormals(random, count * dimensions);
    return { inputs: Float32Array.from(inputs), labels: largest(scoresOf(inputs), balance) };
  };
}

/** [classes], to be added to the scores [count, classes] so that each class is the largest about as often. */
function evenOut(scores: Float64Array, classes: number): Float64Array {
  const balance = new Float64Array(classes);
  const wanted = scores.length / classes / classes;
  for (let round = 0; round < 30; round++) {
    const counts = new Int32Array(classes);
    for (const label of largest(scores, balance)) counts[label]!++;
    for (let label = 0; label < classes; label++)
      balance[label]! += 0.2 * Math.log((wanted + 1) / (counts[label]! + 1));
  }
  return balance;
}

/** [count], where each row of scores [count, classes] plus `balance` [classes] is the largest. */
function largest(scores: Float64Array, balance: Float64Array): Int32Array {
  const classes = balance.length;
  const labels = new Int32Array(scores.length / classes);
  for (let row = 0; row < labels.length; row++) {
    const at = (label: number) => scores[row * classes + label]! + balance[label]!;
    for (let label = 1; label < classes; label++) if (at(label) > at(labels[row]!)) labels[row] = label;
  }
  return labels;
}
