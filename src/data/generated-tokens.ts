import { drawNormals, type Random } from "../random.ts";
import { balancedLabels, between, type GeneratedTask } from "./generated-task.ts";

/** Tokens of one sequence. */
export const sequenceLength = 16;
/** Tokens are 0 to 15. */
export const vocabulary = 16;

/** Sequences of a Markov chain, one a class. A row of its matrix is softmax(sharpness · normals), sharpness 0.7 to 2. */
export function markovTask(classes: number, random: Random): GeneratedTask {
  const sharpness = between(0.7, 2, random);
  // [classes, from, to], each row summed up, so that a uniform number finds its token.
  const sums = drawNormals(random, classes * vocabulary * vocabulary).map((value) =>
    Math.exp(sharpness * value),
  );
  for (let row = 0; row < sums.length; row += vocabulary)
    for (let to = 1; to < vocabulary; to++) sums[row + to]! += sums[row + to - 1]!;

  return (count, random) => {
    const labels = balancedLabels(count, classes, random);
    const inputs = new Int32Array(count * sequenceLength);
    for (let place = 0; place < inputs.length; place++) {
      if (place % sequenceLength === 0) {
        inputs[place] = random.integer(vocabulary);
        continue;
      }
      const row =
        (labels[Math.floor(place / sequenceLength)]! * vocabulary + inputs[place - 1]!) * vocabulary;
      const drawn = (random.word() / 2 ** 32) * sums[row + vocabulary - 1]!;
      let to = 0;
      while (sums[row + to]! <= drawn) to++;
      inputs[place] = to;
    }
    return { inputs, labels };
  };
}

/** Random sequences with the three tokens of their class somewhere, in a row, and those of no other class anywhere. */
export function patternsTask(classes: number, random: Random): GeneratedTask {
  // Three tokens are one number, 0 to 16³ - 1.
  const patterns = random.permutation(vocabulary ** 3).subarray(0, classes);
  const owners = new Int32Array(vocabulary ** 3).fill(-1);
  for (const [label, pattern] of patterns.entries()) owners[pattern] = label;

  return (count, random) => {
    const labels = balancedLabels(count, classes, random);
    const inputs = new Int32Array(count * sequenceLength);
    for (let example = 0; example < count; example++) {
      const sequence = inputs.subarray(example * sequenceLength, (example + 1) * sequenceLength);
      const label = labels[example]!;
      do placePattern(sequence, patterns[label]!, random);
      while (holdsOther(sequence, label, owners));
    }
    return { inputs, labels };
  };
}

function placePattern(sequence: Int32Array, pattern: number, random: Random): void {
  // Eight tokens of four bits a word.
  for (let place = 0, word = 0; place < sequence.length; place++, word >>>= 4) {
    if (place % 8 === 0) word = random.word();
    sequence[place] = word & 15;
  }
  const start = random.integer(sequenceLength - 2);
  for (let place = 0; place < 3; place++)
    sequence[start + place] = Math.floor(pattern / vocabulary ** (2 - place)) % vocabulary;
}

/** Whether three tokens in a row are the pattern of another class. */
function holdsOther(sequence: Int32Array, label: number, owners: Int32Array): boolean {
  for (let place = 0; place + 2 < sequence.length; place++) {
    const [first, second, third] = [sequence[place]!, sequence[place + 1]!, sequence[place + 2]!];
    const owner = owners[(first * vocabulary + second) * vocabulary + third]!;
    if (owner >= 0 && owner !== label) return true;
  }
  return false;
}
