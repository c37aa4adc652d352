import { MlrSnetError } from "../errors.ts";
import { show } from "./show.ts";

/**
 * The error for a name that is not in a list: the list, and the nearest of it where one is near.
 *
 * @param kind what is named, in the singular: "schedule", "task".
 * @returns an `UNKNOWN_NAME` to throw.
 */
export function unknownName(kind: string, name: string, names: readonly string[]): MlrSnetError {
  return new MlrSnetError(
    "UNKNOWN_NAME",
    `Expected the ${kind} to be one of ${names.join(", ")}, got ${show(name)}.${didYouMean(name, names)}`,
  );
}

/** The end of a message that suggests the nearest of the names, or nothing where none is near. */
export function didYouMean(name: string, names: readonly string[]): string {
  const near = names
    .map((candidate) => {
      // The beginning of a name is as near as one letter.
      if (name.length > 2 && candidate.startsWith(name)) return { candidate, edits: 1 };
      const spellings = [candidate, candidate.replace(/^\w+:/, "")]; // a missing `zoo:` counts for nothing
      return {
        candidate,
        edits: Math.min(...spellings.map((it) => editDistance(name.toLowerCase(), it.toLowerCase()))),
      };
    })
    .filter(({ candidate, edits }) => edits < candidate.length && edits <= Math.max(2, candidate.length / 3))
    .sort((a, b) => a.edits - b.edits)[0];
  return near ? ` Did you mean \`${near.candidate}\`?` : "";
}

/** Levenshtein's distance: the least number of letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
