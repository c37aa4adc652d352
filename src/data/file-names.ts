/*
 * The forms in which data sets lie about on disks, besides our own `<folder>/<data set>/<file>`: how archives unpack,
 * and how other packages name what they downloaded.
 */

/** Folders within that of a data set that may hold its files: torchvision's, and those that archives unpack to. */
const innerFolders: readonly string[] = ["raw", "cifar10batchesbin", "smsspamcollection"];

/** Folders that are as good as that of the data set, by its name. */
const otherFolders: Readonly<Record<string, readonly string[]>> = {
  "cifar-10": ["cifar10batchesbin"],
  "sms-spam": ["smsspamcollection"],
};

/** Names of a file that say the same, by ours. */
const otherFiles: Readonly<Record<string, readonly string[]>> = {
  SMSSpamCollection: ["SMSSpamCollection.txt"],
  "input.txt": ["tinyshakespeare.txt", "tiny-shakespeare.txt"],
};

/** A folder's name without letter case and separators: `Fashion_MNIST` and `fashion-mnist` are one. */
function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** Whether a folder of that name may be that of the data set. */
export function isFolderOf(dataset: string, name: string): boolean {
  const plain = plainName(name);
  return plain === plainName(dataset) || (otherFolders[dataset] ?? []).includes(plain);
}

/** Whether a folder of that name within the data set's may hold its files. */
export function isInnerFolder(name: string): boolean {
  return innerFolders.includes(plainName(name));
}

/**
 * The names under which a file is taken, best first: its own, gzipped or unpacked, with a dot in the place of a hyphen
 * (`train-images.idx3-ubyte`), and what else the same file is called.
 */
export function namesOf(file: string): string[] {
  const own = file.replace(/\.gz$/, "");
  const dotted = own.replace(/-(idx\d-ubyte)$/, ".$1");
  const names = [own, ...(otherFiles[own] ?? []), dotted].flatMap((name) => [name, `${name}.gz`]);
  return [...new Set([file, ...names])];
}
