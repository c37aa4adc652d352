/*
 * The one home of files on disk: whole or not at all, with the path in every error. Nothing else imports `node:fs`, but that
 * `MlrSnet.load`, which runs in browsers too, asks Node for it.
 */
export { checkWritable, writeFileAtomic } from "./atomic.ts";
export { isFile, listFolder, makeFolder } from "./folder.ts";
export { type Line, LineFile } from "./line-file.ts";
export { PartialFile } from "./partial-file.ts";
export {
  decodeIfThere,
  named,
  readBytes,
  readIfThere,
  readTextIfThere,
  readTextSync,
  withPath,
} from "./read.ts";
export { reasonOf } from "./reasons.ts";
export { RecordFile } from "./record-file.ts";
export { removeFile } from "./remove.ts";
export { sha256, startSha256 } from "./sha256.ts";
