import { MlrSnetError } from "../../errors.ts";

/**
 * Undoes raw deflate, the compression of zip files. The core has no runtime to ask: neither Node's zlib nor a browser's streams.
 *
 * @param size of the result, which is known: no more is ever allocated or written.
 * @throws {MlrSnetError} `FILE_CORRUPT` where the data are none, or not of that size.
 * @see RFC 1951; the decoding of codes follows Mark Adler's puff.c
 */
export function inflate(compressed: Uint8Array, size: number): Uint8Array {
  const output = new Uint8Array(size);
  const bits = new Bits(compressed);
  let at = 0;
  const put = (byte: number): void => {
    if (at === size) throw corrupt("less");
    output[at++] = byte;
  };
  for (let last = false; !last; ) {
    last = bits.take(1) === 1;
    const kind = bits.take(2);
    if (kind === 0) for (const byte of bits.stored()) put(byte);
    else if (kind === 3) throw corrupt("another kind of block");
    else {
      const [literals, distances] = kind === 1 ? fixedCodes() : readCodes(bits);
      for (let symbol = literals.decode(bits); symbol !== 256; symbol = literals.decode(bits)) {
        if (symbol < 256) {
          put(symbol);
          continue;
        }
        const length = extended(bits, symbol - 257, lengthBases, lengthBits);
        const distance = extended(bits, distances.decode(bits), distanceBases, distanceBits);
        if (distance > at) throw corrupt("a distance within what came before");
        for (let k = 0; k < length; k++) put(output[at - distance]!);
      }
    }
  }
  if (at !== size || !bits.isSpent()) throw corrupt("all of it and no more");
  return output;
}

/** Bits of a stream, the low ones of each byte first. */
class Bits {
  readonly #bytes: Uint8Array;
  #at = 0;
  #held = 0;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @param count 0 to 16. */
  take(count: number): number {
    while (this.#count < count) {
      if (this.#at === this.#bytes.length) throw corrupt("more");
      this.#held |= this.#bytes[this.#at++]! << this.#count;
      this.#count += 8;
    }
    const value = this.#held & ((1 << count) - 1);
    this.#held >>>= count;
    this.#count -= count;
    return value;
  }

  /** A block that is not compressed: from the next whole byte on, its length twice and its bytes. */
  stored(): Uint8Array {
    this.#held = 0;
    this.#count = 0;
    const [length, complement] = [this.take(16), this.take(16)];
    const from = this.#at;
    if ((length ^ complement) !== 0xffff || from + length > this.#bytes.length)
      throw corrupt("a block that is not compressed");
    this.#at += length;
    return this.#bytes.subarray(from, this.#at);
  }

  isSpent(): boolean {
    return this.#at === this.#bytes.length && this.#count < 8;
  }
}

const longestCode = 15;

/** A canonical Huffman code: how many symbols each length has, and the symbols in the order of their codes. */
class Code {
  readonly #counts = new Uint16Array(longestCode + 1);
  readonly #symbols: number[] = [];

  /** @param lengths of the code of each symbol, 0: it has none. */
  constructor(lengths: readonly number[]) {
    for (let length = 1; length <= longestCode; length++)
      for (const [symbol, own] of lengths.entries()) {
        if (own !== length) continue;
        this.#counts[length]!++;
        this.#symbols.push(symbol);
      }
    let left = 1;
    for (let length = 1; length <= longestCode; length++) {
      left = 2 * left - this.#counts[length]!;
      if (left < 0) throw corrupt("a code that can be told apart");
    }
  }

  decode(bits: Bits): number {
    let [code, first, index] = [0, 0, 0];
    for (let length = 1; length <= longestCode; length++) {
      code |= bits.take(1);
      const count = this.#counts[length]!;
      if (code - first < count) return this.#symbols[index + code - first]!;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw corrupt("a code that it knows");
  }
}

/** Of the lengths 3 to 258 and the distances 1 to 32,768: the first of each symbol, and how many bits say which. */
const lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const lengthBases = [...basesOf(3, lengthBits.slice(0, 28)), 258];
const distanceBits = Array.from({ length: 30 }, (_, symbol) => Math.max(0, (symbol >> 1) - 1));
const distanceBases = basesOf(1, distanceBits);

function basesOf(start: number, bits: readonly number[]): number[] {
  let next = start;
  return bits.map((count) => {
    const base = next;
    next += 1 << count;
    return base;
  });
}

function extended(bits: Bits, symbol: number, bases: readonly number[], extra: readonly number[]): number {
  const base = bases[symbol];
  if (base === undefined) throw corrupt("a length or distance that exists");
  return base + bits.take(extra[symbol]!);
}

function fixedCodes(): [literals: Code, distances: Code] {
  const lengths = Array.from({ length: 288 }, (_, symbol) =>
    symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
  );
  return [new Code(lengths), new Code(Array(30).fill(5))];
}

/** The order in which the lengths of the code for lengths stand. */
const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function readCodes(bits: Bits): [literals: Code, distances: Code] {
  const [literals, distances, count] = [bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4];
  const own: number[] = Array(order.length).fill(0);
  for (const symbol of order.slice(0, count)) own[symbol] = bits.take(3);
  const code = new Code(own);
  const lengths: number[] = [];
  while (lengths.length < literals + distances) {
    const symbol = code.decode(bits);
    if (symbol < 16) {
      lengths.push(symbol);
      continue;
    }
    const previous = symbol === 16 ? lengths.at(-1) : 0;
    if (previous === undefined) throw corrupt("a length to repeat");
    const times = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    for (let k = 0; k < times; k++) lengths.push(previous);
  }
  if (lengths.length !== literals + distances || !lengths[256]) throw corrupt("codes for all that it holds");
  return [new Code(lengths.slice(0, literals)), new Code(lengths.slice(literals))];
}

function corrupt(expected: string): MlrSnetError {
  return new MlrSnetError("FILE_CORRUPT", `The compressed data are damaged: expected ${expected}.`);
}
