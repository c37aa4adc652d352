import { MlrSnetError } from "../errors.ts";
import { protocolVersion } from "./task-settings.ts";

/** A kind of file that a command writes as it goes, to take up what it holds. */
export type StoredFormat = {
  format: string;
  version: number /** Such as `compare --out`. */;
  writtenBy: string;
};

/**
 * The list in a file, whole and of today.
 *
 * @param path for the messages.
 * @throws {MlrSnetError} `FILE_CORRUPT` for a damaged file; `UNSUPPORTED_FORMAT` for one of another kind, version or
 *   protocol.
 */
export function storedList<Item>(
  text: string,
  path: string,
  { format, version, writtenBy }: StoredFormat,
  list: { name: string; item: string; isWhole: (value: unknown) => value is Item },
): Item[] {
  const damaged = (what: string, cause?: unknown): MlrSnetError =>
    new MlrSnetError(
      "FILE_CORRUPT",
      `Expected ${path} to be a whole file of \`${writtenBy}\`, got a damaged one: ${what}.`,
      { cause },
    );
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw damaged("it is no JSON", cause);
  }
  const file = Object(content) as Record<string, unknown>;
  const expect = (isSo: boolean, expected: string): void => {
    if (!isSo) throw new MlrSnetError("UNSUPPORTED_FORMAT", `Expected ${path} to be ${expected}.`);
  };
  const got = (name: string): string => JSON.stringify(file[name]) ?? "none";
  expect(file.format === format, `a file of \`${writtenBy}\`, got another`);
  expect(file.version === version, `of version ${version}, got ${got("version")}: begin a new file`);
  expect(
    file.protocolVersion === protocolVersion,
    `made by version ${protocolVersion} of the protocol, got ${got("protocolVersion")}: its figures measure something else, begin a new file`,
  );
  const items: unknown = file[list.name];
  if (!Array.isArray(items)) throw damaged(`it has no ${list.name}`);
  const wrong = items.findIndex((item) => !list.isWhole(item));
  if (wrong >= 0) throw damaged(`${list.item} ${wrong} is not whole`);
  return items;
}
