import { readdirSync, statSync } from "node:fs";
import { mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { unreadable } from "./reasons.ts";

/**
 * Makes a folder and those above it, where they are missing. `mkdir` of Node, asked for the folders above too, tries for
 * ever where one that exists takes no new ones and says that there is none, as /proc does.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (cause) {
    if (await isFolder(path)) return;
    const above = dirname(path);
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT" || above === path) throw cause;
    await makeFolder(above);
    await mkdir(path).catch(async (again) => {
      // Made by another process meanwhile.
      if (!(await isFolder(path))) throw again;
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** The names in a folder, in order; none where there is no folder, or one that may be entered but not listed. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (cause) {
    if (["ENOENT", "ENOTDIR", "EACCES", "EPERM"].includes((cause as NodeJS.ErrnoException).code ?? ""))
      return [];
    throw unreadable(path, cause);
  }
}

/** Whether a file lies there; a link counts as what it leads to. @throws {MlrSnetError} `FILE_UNREADABLE` where the folder may not be entered, or is a file. */
export function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Makes a rename in the folder itself survive a power cut; where folders cannot be synced (Windows), the system does it. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
