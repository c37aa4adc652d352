/**
 * A fingerprint of a JSON-safe state, for runs on many ranks: equal states give equal checksums, so compare them across ranks
 * now and then to see that all were fed the same loss. Detects accidents, not attacks.
 *
 * @returns eight hexadecimal digits: 32-bit FNV-1a over the JSON text, which holds every number exactly.
 * @example
 * checksum({ learningRate: 0.1 }) === checksum({ learningRate: 0.1 }); // true
 */
export function checksum(state: unknown): string {
  let hash = 0x811c9dc5;
  const text = JSON.stringify(state);
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
