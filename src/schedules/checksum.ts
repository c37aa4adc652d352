import type { Schedule } from "./schedule.ts";

/**
 * A fingerprint of a JSON-safe state, for runs on many ranks: equal states give equal checksums, so compare them across ranks
 * now and then to see that all were fed the same loss. Detects accidents, not attacks.
 *
 * @returns eight hexadecimal digits: 32-bit FNV-1a over the JSON text, which holds every number exactly.
 * @example
 * checksum({ learningRate: 0.1 }) === checksum({ learningRate: 0.1 }); // true
 */
export function checksum(state: unknown): string {
  const text = JSON.stringify(state);
  return hashOf(text.length, (index) => text.charCodeAt(index));
}

/** The same over the bytes of numbers in float32, as a schedule's file has them. */
export function checksumOfNumbers(vectors: readonly ArrayLike<number>[]): string {
  return checksum(
    vectors.map((vector) => {
      const bytes = new Uint8Array(Float32Array.from(vector).buffer);
      return hashOf(bytes.length, (index) => bytes[index]!);
    }),
  );
}

/**
 * What makes a schedule this one: its kind and settings as text.
 *
 * @param settings JSON-safe, checked and with their defaults, their fields always in the same order.
 */
export function identityOf(kind: string, settings: object): string {
  return `${kind} ${JSON.stringify(settings)}`;
}

/** The same of a schedule that is put around another. */
export function identityAround(
  kind: string,
  settings: object,
  inner: Pick<Schedule<unknown>, "kind" | "identity">,
): string {
  return `${identityOf(kind, settings)} around ${inner.identity ?? inner.kind ?? "custom"}`;
}

function hashOf(length: number, at: (index: number) => number): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < length; index++) hash = Math.imul(hash ^ at(index), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
