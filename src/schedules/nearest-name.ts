import { MlrSnetError } from "../errors.ts";
import { show } from "./show.ts";

/**
 * The error for a name that is not in a list: the list, and the nearest of it where one is near.
 *
 * @param kind what is named, in the singular: "schedule", "task".
 * @returns an `UNKNOWN_NAME` to throw.
 */
export function unknownName(kind: string, name: string, names: readonly string[]): MlrSnetError {
  const message = `Expected the ${kind} to be one of ${names.join(", ")}, got ${show(name)}.${didYouMean(name, names)}`;
  return new MlrSnetError("UNKNOWN_NAME", message);
}

/** The end of a message that suggests the nearest of the names, or nothing where none is near. */
export function didYouMean(name: string, names: readonly string[]): string {
  const likeness = names.map((candidate) => likenessOf(name.toLowerCase(), candidate.toLowerCase()));
  const most = Math.max(...likeness);
  return most >= 0.5 ? ` Did you mean \`${names[likeness.indexOf(most)]}\`?` : "";
}

/** The part of the letters that have the same neighbour in the other text, 0 to 1; the beginning of a name is as good as it. */
function likenessOf(given: string, name: string): number {
  if (given.length > 2 && name.startsWith(given)) return 1;
  const shared = [...given].filter((_, at) => name.includes(given.slice(at, at + 2)));
  return (2 * shared.length) / (given.length + name.length);
}
