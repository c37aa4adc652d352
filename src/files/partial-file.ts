import { randomBytes } from "node:crypto";
import { constants, type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "./folder.ts";

/** A name that is taken, by what a killed process left or by a planted link, is not used; so often another is tried. */
const attempts = 8;

/**
 * A file that grows beside the one whose place it takes once it is whole: that one is never seen half written.
 *
 * Its name is random and it is opened only where nothing has that name, not even a link. It has the mode of the file that
 * it replaces (a file of mode 600 stays private, while it is written too) and its owner where the system allows, and else
 * the mode of any new file, 666 without the umask.
 *
 * @throws the file system's errors, as they are.
 */
export class PartialFile {
  readonly path: string;
  readonly #target: string;
  readonly #handle: FileHandle;

  private constructor(target: string, path: string, handle: FileHandle) {
    this.#target = target;
    this.path = path;
    this.#handle = handle;
  }

  /** @param name of the file beside `target`, for attempt 0, 1, ... */
  static async create(target: string, name: (attempt: number) => string = randomName): Promise<PartialFile> {
    const replaced = await stat(target).catch(() => undefined);
    for (let attempt = 0; ; attempt++) {
      const path = `${target}.${name(attempt)}.part`;
      try {
        const handle = await open(path, flags, replaced ? 0o600 : 0o666);
        const partial = new PartialFile(target, path, handle);
        if (replaced) await partial.#resemble(replaced);
        return partial;
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== "EEXIST" || attempt + 1 === attempts) throw cause;
      }
    }
  }

  async write(content: Uint8Array | string): Promise<void> {
    await this.#handle.appendFile(content);
  }

  /** Takes the target's place: all of it is on the disk before, and the new name after. */
  async replace(): Promise<void> {
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.path, this.#target);
    await syncFolder(dirname(this.#target));
  }

  /** Gives up: nothing stays behind. Harmless after `replace`. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.path, { force: true }).catch(() => {});
  }

  async #resemble({ mode, uid, gid }: { mode: number; uid: number; gid: number }): Promise<void> {
    try {
      const own = await this.#handle.stat();
      // Before the mode, which it would change. Who is not root cannot give a file away, and need not.
      if (own.uid !== uid || own.gid !== gid) await this.#handle.chown(uid, gid).catch(() => {});
      await this.#handle.chmod(mode & 0o777);
    } catch (error) {
      await this.discard();
      throw error;
    }
  }
}

const flags =
  constants.O_WRONLY |
  constants.O_CREAT |
  constants.O_EXCL |
  constants.O_APPEND |
  (constants.O_NOFOLLOW ?? 0);

function randomName(): string {
  return randomBytes(6).toString("hex");
}
