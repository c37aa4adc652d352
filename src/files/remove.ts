import { rm } from "node:fs/promises";
import { unwritable } from "./reasons.ts";

/** Removes a file; nothing where there is none. @throws {MlrSnetError} `FILE_UNWRITABLE`. */
export async function removeFile(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (cause) {
    throw unwritable(path, cause);
  }
}
