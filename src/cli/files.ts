import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { MlrSnetError } from "../errors.ts";
import { decodeSchedule, MlrSnet, type ScheduleFile, zooFile } from "../schedules/index.ts";
import { encodeSchedule, withoutNetwork } from "../schedules/internal.ts";

/** @throws {MlrSnetError} `FILE_NOT_FOUND`, `FILE_UNREADABLE`. */
export async function readBytes(path: string | URL): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new MlrSnetError("FILE_NOT_FOUND", `No file at ${path}.`, { cause });
    const reason = code === "EISDIR" ? "it is a folder" : message;
    throw new MlrSnetError("FILE_UNREADABLE", `Cannot read ${path}: ${reason}.`, { cause });
  }
}

/**
 * A schedule file and its SHA-256. The error of a damaged file names the file.
 *
 * @param path or `zoo:NAME`, or `control:no-network`, whose file is made here.
 * @throws {MlrSnetError} as `zooFile`, `readBytes` and `decodeSchedule`.
 */
export async function readSchedule(path: string): Promise<ScheduleFile & { sha256: string }> {
  const bytes =
    path === "control:no-network"
      ? encodeSchedule(withoutNetwork(await MlrSnet.load("zoo:default")))
      : await readBytes(path.startsWith("zoo:") ? zooFile(path) : path);
  const file = named(path, () => decodeSchedule(bytes));
  return { ...file, sha256: sha256(bytes) };
}

/** Runs a reader; its error says which file it was. */
export function named<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MlrSnetError)) throw error;
    throw new MlrSnetError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** `runs/s.safetensors` and `jsonl` to `runs/s.jsonl`. */
export function beside(path: string, extension: string): string {
  return `${path.replace(/\.(safetensors|jsonl|json|ckpt)$/, "")}.${extension}`;
}
