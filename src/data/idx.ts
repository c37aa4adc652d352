import { MlrSnetError } from "../errors.ts";
import { readBytes } from "../files/internal.ts";
import { anotherFile, corrupt, formatOf, isGzip, unpack } from "./data-file.ts";

/** An IDX file of unsigned bytes: the format of MNIST and of the sets made after it. */
export type Idx = { shape: readonly number[]; data: Uint8Array };

/** Unpacked size above which a file is refused: five times the largest file of MNIST. */
const maximumSize = 256 * 1024 * 1024;

/** The other element types of the format; none of them occurs in the data sets that are read here. */
const otherTypes: Readonly<Record<number, string>> = {
  9: "int8",
  11: "int16",
  12: "int32",
  13: "float32",
  14: "float64",
};

/**
 * Reads an IDX file, gzipped or not: 0, 0, type, number of dimensions, the dimensions (32 bits, big endian), data.
 *
 * @param path is named in the errors.
 * @throws {MlrSnetError} `FILE_CORRUPT` unless header, dimensions and length agree exactly; `UNSUPPORTED_FORMAT`
 * where it is a whole file of something else, or the elements are not unsigned bytes.
 * @see http://yann.lecun.com/exdb/mnist/, "the IDX file format".
 */
export function parseIdx(bytes: Uint8Array, path: string): Idx {
  const plain = isGzip(bytes) ? unpack(bytes, path, maximumSize) : bytes;
  if (plain.length < 4 || plain[0] !== 0 || plain[1] !== 0) {
    const expected = "to begin with the two zero bytes of an IDX file";
    const format = formatOf(plain);
    throw format === undefined ? corrupt(path, expected) : anotherFile(path, expected, format);
  }
  const type = plain[2]!;
  const dimensions = plain[3]!;
  if (type !== 8) {
    if (!(type in otherTypes)) throw corrupt(path, `to have a known element type, got ${type}`);
    throw new MlrSnetError(
      "UNSUPPORTED_FORMAT",
      `Expected ${path} to hold unsigned bytes, got ${otherTypes[type]}: convert it to uint8.`,
    );
  }
  const start = 4 + 4 * dimensions;
  if (dimensions < 1 || dimensions > 4 || plain.length < start)
    throw corrupt(path, `to have 1 to 4 dimensions and all of its header, got ${dimensions} dimensions`);
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  const shape = Array.from({ length: dimensions }, (_, index) => view.getUint32(4 + 4 * index));
  const size = shape.reduce((product, side) => product * side, 1);
  if (size === 0 || plain.length - start !== size)
    throw corrupt(path, `to hold [${shape}] = ${size} > 0 bytes of data, got ${plain.length - start}`);
  return { shape, data: new Uint8Array(plain.buffer, plain.byteOffset + start, size) };
}

/** The bytes of an uncompressed IDX file: the inverse of `parseIdx`. */
export function encodeIdx(idx: Idx): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * idx.shape.length + idx.data.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, 8, idx.shape.length]);
  for (const [index, side] of idx.shape.entries()) view.setUint32(4 + 4 * index, side);
  bytes.set(idx.data, 4 + 4 * idx.shape.length);
  return bytes;
}

/** Reads and parses an IDX file; see `parseIdx`. */
export async function readIdx(path: string): Promise<Idx> {
  return parseIdx(await readBytes(path), path);
}
