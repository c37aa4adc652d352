import { MlrSnetError } from "../errors.ts";
import { checkTokens } from "./check-dataset.ts";
import { anotherFile, encodingOf, readPublished } from "./data-file.ts";
import type { DataSplits, Dataset } from "./dataset.ts";
import { checkDataOptions, type DataOptions, obtainFile, type RemoteFile } from "./locate.ts";

/** A text in one file, with `characters` different characters. */
export type TextSource = { name: string; characters: number; file: RemoteFile };

/** 40,000 lines of Shakespeare: Karpathy, github.com/karpathy/char-rnn; public domain. */
export const tinyShakespeareSource: TextSource = {
  name: "tiny-shakespeare",
  characters: 65,
  file: {
    name: "input.txt",
    bytes: 1115394,
    sha256: "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    addresses: ["https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"],
  },
};

/** Shares of the text, by position; the rest, at the end, is for the test. */
const trainShare = 0.9;
const validationShare = 0.05;

/**
 * The characters of an ASCII text as numbers: 0 for the one with the lowest code, and so on.
 *
 * @param path is named in the errors.
 * @throws {MlrSnetError} `UNSUPPORTED_FORMAT` unless all bytes are printable ASCII or line ends, of just `characters` kinds.
 */
export function encodeCharacters(bytes: Uint8Array, path: string, characters: number): Uint8Array {
  const wrong = bytes.findIndex((byte) => byte !== 10 && (byte < 32 || byte > 126));
  if (wrong >= 0) throw anotherFile(path, "to be plain ASCII text", `byte ${bytes[wrong]} at ${wrong}`);
  const kinds = [...new Set(bytes)].sort((a, b) => a - b);
  if (kinds.length !== characters)
    throw anotherFile(path, `to hold ${characters} different characters`, `${kinds.length}`);
  const numbers = new Uint8Array(128);
  for (const [number, byte] of kinds.entries()) numbers[byte] = number;
  return Uint8Array.from(bytes, (byte) => numbers[byte]!);
}

/** What a file holds that is plain text to its end. */
function textIn(bytes: Uint8Array): string | undefined {
  const isText = bytes.at(-1) === 10 && bytes.every((byte) => byte === 10 || (byte >= 32 && byte <= 126));
  return isText ? `a text of ${new Set(bytes).size} different characters` : undefined;
}

/**
 * Windows of a text that do not overlap: the label of each token is the one after it, so an example has `window` labels.
 *
 * The windows are in the text's order, so they are a stream too (`StreamBatches`).
 *
 * @param tokens [length], each 0 to `classes` - 1. @returns inputs [N, window] of their kind, N = floor((length - 1) / window).
 * @throws {MlrSnetError} `INVALID_ARGUMENT` for a window that does not fit, or a token that is no class.
 */
export function cutWindows(
  name: string,
  tokens: Int32Array | Uint16Array | Uint8Array,
  window: number,
  classes: number,
): Dataset {
  const count = Math.floor((tokens.length - 1) / window);
  if (!Number.isInteger(window) || window < 1 || count < 1)
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected \`window\` to be 1 to ${tokens.length - 1}, the length of a part of \`${name}\` less one, got ${window}.`,
    );
  const inputs = tokens.slice(0, count * window);
  const labels = Int32Array.from(tokens.subarray(1, count * window + 1));
  const inputShape = [window];
  for (const part of [inputs, labels])
    checkTokens({ name, inputs: part, inputShape }, classes, "its `classes`");
  return { name, inputs, inputShape, labels, labelsPerExample: window, classes, vocabulary: classes };
}

/**
 * Reads a text for the prediction of the next character: the first 90 % for training, 5 % for validation, 5 % for test.
 *
 * @param options `window`: characters of an example, default 32.
 * @throws {MlrSnetError} `DATA_NOT_FOUND` if the file is nowhere, `FILE_CORRUPT` if it is another one.
 */
export async function loadText(
  source: TextSource,
  options: DataOptions & { window?: number } = {},
): Promise<DataSplits> {
  checkDataOptions("`loadText`", options, { window: true });
  const { name, file, characters } = source;
  const path = await obtainFile(name, file, options);
  const recognise = (content: Uint8Array) => encodingOf(content, file) ?? textIn(content);
  const tokens = encodeCharacters(await readPublished(path, file, recognise), path, characters);
  const trainEnd = Math.floor(trainShare * tokens.length);
  const validationEnd = trainEnd + Math.floor(validationShare * tokens.length);
  const part = (start: number, end: number) =>
    cutWindows(name, tokens.slice(start, end), options.window ?? 32, characters);
  return {
    train: part(0, trainEnd),
    validation: part(trainEnd, validationEnd),
    test: part(validationEnd, tokens.length),
  };
}
