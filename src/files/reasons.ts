import { MlrSnetError } from "../errors.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free space or choose another folder",
  EDQUOT: "the quota is used up; free space or choose another folder",
  EACCES: "permission denied; choose another folder",
  EPERM: "permission denied; choose another folder",
  EROFS: "the file system is read-only; choose another folder",
  ENOENT: "no such folder; make it first",
  ENOTDIR: "a part of the path is a file; choose another folder",
  EISDIR: "it is a folder; give the path of a file",
};

const readingReasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied; allow reading it or give another",
  EPERM: "permission denied; allow reading it or give another",
  ENOTDIR: "a part of the path is a file; give another path",
  EISDIR: "it is a folder; give the path of a file",
};

/** In words that help, where the system has only a code. */
export function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return reasons[code ?? ""] ?? message;
}

export function unwritable(path: string, cause: unknown): MlrSnetError {
  if (cause instanceof MlrSnetError) return cause;
  return new MlrSnetError("FILE_UNWRITABLE", `Cannot write ${path}: ${reasonOf(cause)}.`, { cause });
}

/** `FILE_NOT_FOUND` where there is none, else `FILE_UNREADABLE` with the reason. */
export function unreadable(path: string | URL, cause: unknown): MlrSnetError {
  const { code = "", message } = cause as NodeJS.ErrnoException;
  if (code === "ENOENT") return new MlrSnetError("FILE_NOT_FOUND", `No file at ${path}.`, { cause });
  const reason = readingReasons[code] ?? message;
  return new MlrSnetError("FILE_UNREADABLE", `Cannot read ${path}: ${reason}.`, { cause });
}
