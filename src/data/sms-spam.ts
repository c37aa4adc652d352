import { Random } from "../random.ts";
import { anotherFile, corrupt, encodingOf, readPublished } from "./data-file.ts";
import type { DataSplits, Dataset } from "./dataset.ts";
import { type ArchivedFile, checkDataOptions, type DataOptions, obtainFile } from "./locate.ts";
import { bagOfWords, buildVocabulary, encodeWords, splitWords } from "./words.ts";

/** A file of messages in the form of the SMS Spam Collection. */
export type SmsSpamSource = { name: string; file: ArchivedFile };

/** English text messages: Almeida and Gómez Hidalgo, SMS Spam Collection v.1, CC BY 4.0. */
export const smsSpamSource: SmsSpamSource = {
  name: "sms-spam",
  file: {
    name: "SMSSpamCollection",
    bytes: 477907,
    sha256: "7d039a24a6083ed9ef0f806ebad56bbb976e3aeb8de05669173bfdc4996c239d",
    archive: "https://archive.ics.uci.edu/static/public/228/sms+spam+collection.zip",
  },
};

export type Message = { text: string; isSpam: boolean };

export type SmsSpamOptions = DataOptions & {
  /** `bag`: counts of hashed words, float32 [length]; `tokens`: words by number, int32 [length]. Default `bag`. */
  form?: "bag" | "tokens";
  /** Default 512 for a bag, 48 for tokens. */
  length?: number;
  /** Of `tokens`: numbers 0 (padding) and 1 (unknown word) included. Default 2000. */
  vocabulary?: number;
  /** Of the split. Default 0. */
  seed?: number | undefined;
};

/** Shares of the messages, in a random order; the rest is for training. */
const testShare = 0.2;
const validationShare = 0.1;

/**
 * Reads a file of messages: lines `ham`, tab, text or `spam`, tab, text in UTF-8.
 *
 * @param path is named in the errors.
 * @throws {MlrSnetError} `FILE_CORRUPT` unless every line, the last one too, is of that form; `UNSUPPORTED_FORMAT` in
 * another encoding.
 */
export function parseSmsSpam(bytes: Uint8Array, path: string): Message[] {
  if (bytes.at(-1) !== 10) throw corrupt(path, "to end with a line's end");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw anotherFile(path, "to be UTF-8", "bytes of another encoding", cause);
  }
  return text
    .slice(0, -1)
    .split("\n")
    .map((line, index) => {
      const [, kind, message] = /^(ham|spam)\t([^\t]+)$/.exec(line) ?? [];
      if (kind === undefined || message === undefined)
        throw corrupt(path, `to hold lines "ham or spam, tab, text", got another line ${index + 1}`);
      return { text: message, isSpam: kind === "spam" };
    });
}

/** What a file holds that is made of whole messages. */
function messagesIn(bytes: Uint8Array, path: string): string | undefined {
  try {
    return `${parseSmsSpam(bytes, path).length} whole messages`;
  } catch {
    return undefined; // no such file: the length says what is wrong
  }
}

/** The messages without repetitions, in their order: a text that occurs twice could be in training and test set. */
export function withoutDuplicates(messages: readonly Message[]): Message[] {
  const seen = new Set<string>();
  return messages.filter(({ text }) => !seen.has(text) && seen.add(text));
}

/**
 * Reads the SMS Spam Collection as a classification of messages, 0 ham and 1 spam.
 *
 * Duplicates are removed, then a seeded order is cut into 70 % training, 10 % validation and 20 % test. The vocabulary
 * of `tokens` is that of the training part alone.
 *
 * @throws {MlrSnetError} `DATA_NOT_FOUND` if the file is nowhere, `FILE_CORRUPT` if it is another file.
 */
export async function loadSmsSpam(source: SmsSpamSource, options: SmsSpamOptions = {}): Promise<DataSplits> {
  checkDataOptions("`loadSmsSpam`", options, { form: true, length: true, vocabulary: true });
  const { form = "bag", length = form === "bag" ? 512 : 48, vocabulary = 2000, seed = 0 } = options;
  const path = await obtainFile(source.name, source.file, options);
  const recognise = (content: Uint8Array) => encodingOf(content, source.file) ?? messagesIn(content, path);
  const messages = withoutDuplicates(parseSmsSpam(await readPublished(path, source.file, recognise), path));
  const order = new Random(seed, "sms-spam", "split").permutation(messages.length);
  const shuffled = Array.from(order, (index) => messages[index]!);
  const testCount = Math.floor(testShare * messages.length);
  const heldOut = testCount + Math.floor(validationShare * messages.length);
  const parts = {
    test: shuffled.slice(0, testCount),
    validation: shuffled.slice(testCount, heldOut),
    train: shuffled.slice(heldOut),
  };
  const words = (part: readonly Message[]) => part.map(({ text }) => splitWords(text));
  const numbers = form === "tokens" ? buildVocabulary(words(parts.train), vocabulary) : undefined;
  const dataset = (part: readonly Message[]): Dataset => ({
    name: source.name,
    inputs: numbers ? encodeWords(words(part), numbers, length) : bagOfWords(words(part), length),
    inputShape: [length],
    labels: Int32Array.from(part, ({ isSpam }) => Number(isSpam)),
    classes: 2,
    ...(numbers && { vocabulary }),
  });
  return {
    train: dataset(parts.train),
    validation: dataset(parts.validation),
    test: dataset(parts.test),
  };
}
