import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { PartialFile } from "./partial-file.ts";
import { unwritable } from "./reasons.ts";

/**
 * Writes a file whole or not at all: into a file beside it, synced, then renamed. What stood there before stays
 * until the new content is on the disk; a crash at any moment leaves the one or the other. Its mode stays.
 *
 * @throws {MlrSnetError} `FILE_UNWRITABLE` with the reason; nothing is left behind.
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const target = await follow(path);
  let partial: PartialFile | undefined;
  try {
    await refuseOther(target);
    partial = await PartialFile.create(target);
    await partial.write(content);
    await partial.replace();
  } catch (cause) {
    await partial?.discard();
    throw unwritable(path, cause);
  }
}

/**
 * Finds out at the door, before hours of work, whether a file can be written there: folder, permission, some space.
 *
 * @throws {MlrSnetError} `FILE_UNWRITABLE` with the reason. Nothing that exists is touched.
 */
export async function checkWritable(path: string): Promise<void> {
  const target = await follow(path);
  let probe: PartialFile | undefined;
  try {
    await refuseOther(target);
    probe = await PartialFile.create(target);
    // Some bytes, because a full disk still lets an empty file be made.
    await probe.write(new Uint8Array(4096));
  } catch (cause) {
    throw unwritable(path, cause);
  } finally {
    await probe?.discard();
  }
}

/** Where a link leads: the file there is replaced, not the link. */
async function follow(path: string): Promise<string> {
  return await realpath(path).catch(() => resolve(path));
}

/** Renaming onto a folder fails with words that help nobody; onto a device such as /dev/null it would destroy it. */
async function refuseOther(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
  if (found && !found.isFile()) throw new Error("it is a device or a pipe; give the path of a file");
}
