import { drawNormals, type Random } from "../random.ts";
import { balancedLabels, between, type GeneratedTask } from "./generated-task.ts";

/** D: numbers in one example. */
export const dimensions = 32;

/**
 * Vectors [D] of classes that are each a mixture of 1 to 3 Gaussians, all of the same covariance.
 *
 *     x = Q · diag(√λ) · (s · centre + z),   centre and z standard normal, Q a random rotation
 *
 * The separation s is such that the nearest centre tells the class of about 0.6 to 0.99 of them, drawn evenly: about the
 * Bayes accuracy. The condition number λ_1 / λ_D is 1 to 100, drawn evenly in its logarithm.
 */
export function mixtureTask(classes: number, random: Random): GeneratedTask {
  const owners: number[] = [];
  for (let label = 0; label < classes; label++)
    for (let component = random.integer(3); component >= 0; component--) owners.push(label);
  const components = Array.from({ length: classes }, (_, label) =>
    owners.flatMap((owner, component) => (owner === label ? [component] : [])),
  );
  const componentOf = (label: number, random: Random) =>
    components[label]![random.integer(components[label]!.length)]!;

  const centres = drawNormals(random, owners.length * dimensions);
  const accuracy = between(0.6, 0.99, random);
  const probes = Array.from({ length: 400 }, (_, probe) => componentOf(probe % classes, random));
  const separation = separationFor(accuracy, centres, owners, probes, random);
  const mixing = mixingMatrix(100 ** random.uniform(), random);

  return (count, random) => {
    const labels = balancedLabels(count, classes, random);
    const points = drawNormals(random, count * dimensions);
    const inputs = new Float32Array(count * dimensions);
    for (let example = 0; example < count; example++) {
      const start = example * dimensions;
      const centre = componentOf(labels[example]!, random) * dimensions;
      for (let axis = 0; axis < dimensions; axis++)
        points[start + axis]! += separation * centres[centre + axis]!;
      for (let row = 0; row < dimensions; row++)
        inputs[start + row] = dot(mixing, row * dimensions, points, start);
    }
    return { inputs, labels };
  };
}

/** s, by bisection: at it, the nearest centre is one of the right class for the given share of the probes. */
function separationFor(
  accuracy: number,
  centres: Float64Array,
  owners: readonly number[],
  probes: readonly number[],
  random: Random,
): number {
  const noise = drawNormals(random, probes.length * dimensions);
  const count = owners.length;
  // |s (c_m - c_j) + z|² = s² apart + 2 s along + |z|², for a probe z around centre m and every centre j.
  const apart = new Float64Array(probes.length * count);
  const along = new Float64Array(probes.length * count);
  for (const [probe, own] of probes.entries())
    for (let other = 0; other < count; other++)
      for (let axis = 0; axis < dimensions; axis++) {
        const difference = centres[own * dimensions + axis]! - centres[other * dimensions + axis]!;
        apart[probe * count + other]! += difference * difference;
        along[probe * count + other]! += difference * noise[probe * dimensions + axis]!;
      }
  const shareAt = (s: number) => {
    let right = 0;
    for (const [probe, own] of probes.entries()) {
      let nearest = own;
      let least = 0;
      for (let other = 0; other < count; other++) {
        const distance = s * apart[probe * count + other]! + 2 * along[probe * count + other]!;
        if (distance < least) [nearest, least] = [other, distance];
      }
      if (owners[nearest] === owners[own]) right++;
    }
    return right / probes.length;
  };
  let [low, high] = [0, 2];
  for (let halving = 0; halving < 12; halving++) {
    const middle = (low + high) / 2;
    if (shareAt(middle) < accuracy) low = middle;
    else high = middle;
  }
  return high;
}

/** Q · diag(√λ), [D, D], λ from 1 to 1 / `condition` evenly in the logarithm. */
function mixingMatrix(condition: number, random: Random): Float64Array {
  const matrix = drawNormals(random, dimensions * dimensions);
  for (let row = 0; row < dimensions; row++) {
    const own = matrix.subarray(row * dimensions, (row + 1) * dimensions);
    for (let earlier = 0; earlier < row; earlier++) {
      const overlap = dot(matrix, earlier * dimensions, own, 0);
      for (let axis = 0; axis < dimensions; axis++)
        own[axis]! -= overlap * matrix[earlier * dimensions + axis]!;
    }
    const norm = Math.sqrt(dot(own, 0, own, 0));
    for (let axis = 0; axis < dimensions; axis++) own[axis]! /= norm;
  }
  return matrix.map((value, index) => value * condition ** (-(index % dimensions) / (dimensions - 1) / 2));
}

/** Product of D numbers of `left` and D of `right`, from the given places. */
function dot(left: Float64Array, leftStart: number, right: Float64Array, rightStart: number): number {
  let sum = 0;
  for (let axis = 0; axis < dimensions; axis++) sum += left[leftStart + axis]! * right[rightStart + axis]!;
  return sum;
}
