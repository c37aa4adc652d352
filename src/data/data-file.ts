import { gunzipSync } from "node:zlib";
import { MlrSnetError } from "../errors.ts";
import { readBytes, sha256 } from "../files/internal.ts";

/** Whether bytes begin like a gzip file. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The content of a gzip file.
 *
 * @throws {MlrSnetError} `FILE_CORRUPT` if it is no whole gzip file, `UNSUPPORTED_FORMAT` if it holds more than
 * `maximumSize` bytes.
 */
export function unpack(bytes: Uint8Array, path: string, maximumSize: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maximumSize });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      throw anotherFile(path, `to hold at most ${maximumSize} bytes unpacked`, "more", cause);
    throw corrupt(path, "to be a whole gzip file", cause);
  }
}

/** The one error of a damaged data file: what was wrong, and that the file was left alone. */
export function corrupt(path: string, expected: string, cause?: unknown): MlrSnetError {
  const cure = "it is damaged and was left as it is; move it away and fetch it again.";
  return new MlrSnetError("FILE_CORRUPT", `Expected ${path} ${expected}: ${cure}`, { cause });
}

/** The one error of a file that is whole, but not the one that is read here: what was expected, and what it is. */
export function anotherFile(path: string, expected: string, got: string, cause?: unknown): MlrSnetError {
  const cure =
    "It is another file than the published one and was left as it is: put that in its place, or give this one as data of your own (docs/data.md).";
  return new MlrSnetError("UNSUPPORTED_FORMAT", `Expected ${path} ${expected}, got ${got}. ${cure}`, {
    cause,
  });
}

/** What a published file must be: uncompressed length and, where known, SHA-256. */
export type Published = { bytes: number; sha256?: string };

/** Whether content is that of the published file. */
export function isPublished(content: Uint8Array, expected: Published): boolean {
  return (
    content.length === expected.bytes &&
    (expected.sha256 === undefined || sha256(content) === expected.sha256)
  );
}

/**
 * The content of a published file, gzipped or not, compared with its uncompressed length and, where known, SHA-256.
 *
 * @param recognise what a file of another length is, in words, where it is a whole one of the same kind: "2 records".
 * @throws {MlrSnetError} `FILE_CORRUPT` if it is damaged or cut short, `UNSUPPORTED_FORMAT` if it is another file,
 * `FILE_NOT_FOUND`, `FILE_UNREADABLE`.
 */
export async function readPublished(
  path: string,
  expected: Published,
  recognise: (content: Uint8Array) => string | undefined = () => undefined,
): Promise<Uint8Array> {
  const bytes = await readBytes(path);
  const size = expected.bytes;
  // Twice the size, so that a text in UTF-16 is still seen as what it is.
  const content = isGzip(bytes) ? unpack(bytes, path, 2 * size + 1024) : bytes;
  if (isPublished(content, expected)) return content;
  const wanted = `to hold ${size} bytes${expected.sha256 === undefined ? "" : ` with SHA-256 ${expected.sha256}`}`;
  if (content.length === size) throw corrupt(path, `${wanted}, got the right length and another checksum`);
  const format = formatOf(content) ?? recognise(content);
  if (format !== undefined) throw anotherFile(path, wanted, `${content.length} bytes: ${format}`);
  if (content.length < size) throw corrupt(path, `${wanted}, got ${content.length} bytes, cut short`);
  throw anotherFile(path, wanted, `${content.length} bytes`);
}

const signatures: readonly [what: string, start: string][] = [
  ["a web page", "<!doctype html"],
  ["a web page", "<html"],
  ["a zip archive; unpack it", "PK\x03\x04"],
  ["a picture", "\x89PNG"],
  ["a file of numpy", "\x93NUMPY"],
  ["a file of HDF5", "\x89HDF"],
  ["a file of Parquet", "PAR1"],
  ["a pickle of Python", "\x80\x02"],
  ["a pickle of Python", "\x80\x03"],
  ["a pickle of Python", "\x80\x04"],
  ["a pointer of Git LFS, without the file itself", "version https://git-lfs"],
];

/** What a file is that begins like no data file at all: what a download or an archive may leave in its place. */
export function formatOf(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 32)).toString("latin1").trimStart().toLowerCase();
  return signatures.find(([, signature]) => start.startsWith(signature.toLowerCase()))?.[0];
}

const encodings: readonly [encoding: string, name: string][] = [
  ["utf-8", "UTF-8"],
  ["utf-16le", "UTF-16, little endian"],
  ["utf-16be", "UTF-16, big endian"],
  ["latin1", "Latin-1"],
];

/** How a text is written, where it is the published one (UTF-8, lines that end with LF) in another encoding. */
export function encodingOf(content: Uint8Array, expected: Published): string | undefined {
  for (const [encoding, name] of encodings) {
    const text = new TextDecoder(encoding, { ignoreBOM: true }).decode(content);
    const bare = text.replace(/^\uFEFF/, "");
    const lines = bare.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
    const ended = lines.endsWith("\n") ? lines : `${lines}\n`;
    if (!isPublished(new TextEncoder().encode(ended), expected)) continue;
    const differences = [
      ...(encoding === "utf-8" ? [] : [`in ${name}`]),
      ...(bare === text ? [] : ["with a byte order mark"]),
      ...(lines === bare ? [] : ["with other line ends"]),
      ...(ended === lines ? [] : ["without its last line end"]),
    ];
    return `the same text ${differences.join(" and ")}; save it as UTF-8 with line ends LF`;
  }
  return undefined;
}
