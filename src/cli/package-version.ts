import { readTextSync } from "../files/internal.ts";

/** The version in package.json, which lies two folders above this file in the source as in the build. */
export function packageVersion(): string {
  const text = readTextSync(new URL("../../package.json", import.meta.url));
  return (JSON.parse(text) as { version: string }).version;
}
