import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { MlrSnetError } from "../errors.ts";

/** Whether bytes begin like a gzip file. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The content of a gzip file; more than `maximumSize` bytes are refused as damage. */
export function unpack(bytes: Uint8Array, path: string, maximumSize: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maximumSize });
  } catch (cause) {
    throw corrupt(path, `to be a whole gzip file of at most ${maximumSize} bytes unpacked`, cause);
  }
}

/** The one error of a damaged data file: what was wrong, and that the file was left alone. */
export function corrupt(path: string, expected: string, cause?: unknown): MlrSnetError {
  const cure = "it is damaged and was left as it is; move it away and fetch it again.";
  return new MlrSnetError("FILE_CORRUPT", `Expected ${path} ${expected}: ${cure}`, { cause });
}

/** @throws {MlrSnetError} `FILE_NOT_FOUND`, `FILE_UNREADABLE`. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new MlrSnetError(
      missing ? "FILE_NOT_FOUND" : "FILE_UNREADABLE",
      `Expected ${path} to be a readable file: ${(cause as Error).message}.`,
      { cause },
    );
  }
}

/**
 * The content of a published file, gzipped or not, compared with its uncompressed length and, where known, SHA-256.
 *
 * @throws {MlrSnetError} `FILE_CORRUPT` if it is another file, `FILE_NOT_FOUND`, `FILE_UNREADABLE`.
 */
export async function readPublished(
  path: string,
  expected: { bytes: number; sha256?: string },
): Promise<Uint8Array> {
  const bytes = await readBytes(path);
  const plain = isGzip(bytes) ? unpack(bytes, path, expected.bytes) : bytes;
  const { bytes: size, sha256 } = expected;
  const isSame = sha256 === undefined || createHash("sha256").update(plain).digest("hex") === sha256;
  if (plain.length !== size || !isSame) {
    const wanted = sha256 === undefined ? `${size} bytes` : `${size} bytes with SHA-256 ${sha256}`;
    throw corrupt(path, `to hold ${wanted}, got another file`);
  }
  return plain;
}
