/** Number of the token that fills short texts up. */
export const paddingToken = 0;
/** Number of all words that are not in the vocabulary. */
export const unknownToken = 1;

/** The words of a text: runs of letters, runs of digits, single other characters; in lower case. */
export function splitWords(text: string): string[] {
  return text.toLowerCase().match(/\p{L}+|\p{N}+|[^\s\p{L}\p{N}]/gu) ?? [];
}

/**
 * Counts of words in `size` buckets, ln(1 + n): a word's bucket is its FNV-1a hash, so that no vocabulary is needed.
 *
 * @returns [texts, size].
 */
export function bagOfWords(texts: readonly (readonly string[])[], size: number): Float32Array {
  const bags = new Float32Array(texts.length * size);
  for (const [row, words] of texts.entries())
    for (const word of words) bags[row * size + (hash(word) % size)]!++;
  return bags.map(Math.log1p);
}

/** Numbers from 2 on of the `size` - 2 most frequent words; of equally frequent ones the first in Unicode order. */
export function buildVocabulary(
  texts: readonly (readonly string[])[],
  size: number,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const words of texts) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const ranked = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return new Map(ranked.slice(0, size - 2).map(([word], index) => [word, index + 2]));
}

/** The first `length` words of each text as numbers, [texts, length]. */
export function encodeWords(
  texts: readonly (readonly string[])[],
  vocabulary: ReadonlyMap<string, number>,
  length: number,
): Int32Array {
  const tokens = new Int32Array(texts.length * length).fill(paddingToken);
  for (const [row, words] of texts.entries())
    for (const [place, word] of words.slice(0, length).entries())
      tokens[row * length + place] = vocabulary.get(word) ?? unknownToken;
  return tokens;
}

/** FNV-1a over UTF-16 code units, 32 bits. */
function hash(word: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < word.length; index++)
    value = Math.imul(value ^ word.charCodeAt(index), 0x01000193);
  return value >>> 0;
}
