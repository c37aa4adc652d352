/** The whole state of a generator: JSON-safe, so that a resumed run draws the same numbers. */
export type RandomState = { key: [number, number]; counter: [number, number]; used: number };

/**
 * Philox4x32-10: four 32-bit words from a 128-bit counter and a 64-bit key.
 *
 * @see Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011; known answers in the test.
 */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** The upper 32 bits of the product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  // Every intermediate is below 2^49, and so exact.
  return Math.floor((a * (b >>> 16) + Math.floor((a * (b & 0xffff)) / 0x10000)) / 0x10000);
}

/**
 * A seeded generator. Streams of different `path` are independent: `new Random(seed, "weights", 3)`
 * draws the same numbers whatever else was drawn.
 */
export class Random {
  readonly #key: [number, number];
  readonly #counter: [number, number];
  #words: [number, number, number, number] = [0, 0, 0, 0];
  #used = 4;

  constructor(seed: number, ...path: readonly (string | number)[]) {
    this.#key = deriveKey(seed, path);
    this.#counter = [0, 0];
  }

  static fromState(state: RandomState): Random {
    const random = new Random(0);
    random.#key.splice(0, 2, ...state.key);
    random.#counter.splice(0, 2, ...state.counter);
    random.#used = state.used;
    if (state.used < 4) random.#words = philox4x32([state.counter[0] - 1, state.counter[1], 0, 0], state.key);
    return random;
  }

  get state(): RandomState {
    return { key: [...this.#key], counter: [...this.#counter], used: this.#used };
  }

  /** A 32-bit word, 0 to 2^32 - 1. */
  word(): number {
    if (this.#used === 4) {
      this.#words = philox4x32([this.#counter[0], this.#counter[1], 0, 0], this.#key);
      // The low half alone counts: 2^34 words a stream; a wrap would repeat the stream.
      this.#counter[0]++;
      this.#used = 0;
    }
    return this.#words[this.#used++]!;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return fraction(this.word(), this.word());
  }

  /** Integer, uniform in 0 to `bound` - 1, without bias (rejection). */
  integer(bound: number): number {
    const limit = 0x100000000 - (0x100000000 % bound);
    let word = this.word();
    while (word >= limit) word = this.word();
    return word % bound;
  }

  /** Standard normal (Box-Muller; two uniforms for one number, so that the state stays simple). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A random order of 0 to `count` - 1 (Fisher-Yates). */
  permutation(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, index) => index);
    for (let index = count - 1; index > 0; index--) {
      const other = this.integer(index + 1);
      const kept = order[index]!;
      order[index] = order[other]!;
      order[other] = kept;
    }
    return order;
  }
}

/** `count` standard normals: both of each Box-Muller pair, from 32 bits each; faster than `Random.normal`. */
export function drawNormals(random: Random, count: number): Float64Array {
  const values = new Float64Array(count);
  for (let index = 0; index < count; index += 2) {
    const radius = Math.sqrt(-2 * Math.log((random.word() + 1) / 2 ** 32));
    const angle = (2 * Math.PI * random.word()) / 2 ** 32;
    values[index] = radius * Math.cos(angle);
    if (index + 1 < count) values[index + 1] = radius * Math.sin(angle);
  }
  return values;
}

/** The first `count` numbers that `new Random(seed, ...path).uniform()` gives; small, for the package's core entry. */
export function uniforms(count: number, seed: number, ...path: readonly (string | number)[]): Float64Array {
  const key = deriveKey(seed, path);
  return Float64Array.from({ length: count }, (_, index) => {
    const words = philox4x32([index >>> 1, 0, 0, 0], key);
    const at = 2 * (index % 2);
    return fraction(words[at]!, words[at + 1]!);
  });
}

/** Two words as a number in [0, 1), 53 bits. */
function fraction(high: number, low: number): number {
  return ((high >>> 5) * 0x4000000 + (low >>> 6)) / 0x20000000000000;
}

/** A 64-bit key from seed and path: FNV-1a over the text into a Philox counter, keyed with the seed. */
function deriveKey(seed: number, path: readonly (string | number)[]): [number, number] {
  let key: [number, number] = [seed >>> 0, Math.floor(seed / 0x100000000) >>> 0];
  for (const part of path) {
    let hash = 0x811c9dc5;
    for (const letter of `${typeof part}:${part}`)
      hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193);
    const words = philox4x32([hash >>> 0, 0x6d6c7273, 0x6e6574, 0], key);
    key = [words[0], words[1]];
  }
  return key;
}
