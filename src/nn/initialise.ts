import type { Shape } from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import type { Initialiser } from "./registry.ts";

/** Uniform in ±bound. */
export function uniform(bound: number): Initialiser {
  return (shape, random) => fill(shape, () => (2 * random.uniform() - 1) * bound);
}

/** Uniform in ±1/sqrt(fanIn): PyTorch's default for weights and biases of linear and convolution layers. */
export function uniformFanIn(fanIn: number): Initialiser {
  return uniform(1 / Math.sqrt(fanIn));
}

/** Normal with standard deviation sqrt(2 / fanIn), for layers before a relu. @see He et al., arXiv 1502.01852 */
export function normalFanIn(fanIn: number): Initialiser {
  return (shape, random) => fill(shape, () => random.normal() * Math.sqrt(2 / fanIn));
}

/** Normal with mean 0. */
export function normal(deviation: number): Initialiser {
  return (shape, random) => fill(shape, () => random.normal() * deviation);
}

/** Every element the same. */
export function filled(value: number): Initialiser {
  return (shape) => new Float32Array(elements(shape)).fill(value);
}

/** For a population: draws the numbers of one member, of shape `own`, and writes the same for each. */
export function repeated(initialise: Initialiser, members: number, own: Shape): Initialiser {
  return (_shape, random) => {
    const numbers = initialise(own, random);
    const all = new Float32Array(members * numbers.length);
    for (let member = 0; member < members; member++) all.set(numbers, member * numbers.length);
    return all;
  };
}

function fill(shape: Shape, draw: () => number): Float32Array {
  return Float32Array.from({ length: elements(shape) }, draw);
}
