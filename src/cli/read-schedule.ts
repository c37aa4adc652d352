import { named, readBytes, sha256 } from "../files/internal.ts";
import { decodeSchedule, MlrSnet, type ScheduleFile, zooFile } from "../schedules/index.ts";
import { encodeSchedule, withoutNetwork } from "../schedules/internal.ts";

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
