import { createHash, type Hash } from "node:crypto";

/** SHA-256 of the pieces, one after the other: 64 hexadecimal digits. */
export function sha256(...pieces: (Uint8Array | string)[]): string {
  return startSha256(pieces).digest("hex");
}

/** The same, to go on with: for content that comes piece by piece. */
export function startSha256(pieces: Iterable<NodeJS.ArrayBufferView | string> = []): Hash {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash;
}
