import { type CellConfig, checkCell } from "./config.ts";
import { type NamedTensors, packParameters } from "./parameters.ts";
import { readPickle } from "./pickle.ts";
import type { PickleValue } from "./pickle-machine.ts";
import { type PresetName, presets } from "./presets.ts";
import {
  corrupt,
  decodeStorage,
  gather,
  type TensorWindow,
  unsupported,
  windowsOf,
} from "./pytorch-tensors.ts";
import { readZip } from "./zip.ts";

const magic = 0x1950a86a20f9469cfc6cn;
const protocol = 1001;

/**
 * Reads a checkpoint of the authors' code: a state dict saved by PyTorch, in the zip format that it writes since 1.6 or the
 * legacy one. Executes nothing of the file. Numbers of 16 and 64 bits are read too; a schedule file has 32.
 *
 * The file holds neither gate order nor forget shift: they come from the preset. H, m and the layers come from the shapes.
 *
 * @returns the cell and θ, flat.
 * @throws {MlrSnetError} `FILE_CORRUPT`, `UNSUPPORTED_FORMAT` (another format, or a name that is not allowed),
 * `SHAPE_MISMATCH` (a state dict of something else); nothing else.
 */
export function importPyTorch(
  bytes: Uint8Array,
  preset: PresetName = "meta-test",
): { cell: CellConfig; theta: Float64Array } {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const tensors = isZip ? readZipped(bytes) : readLegacy(bytes);
  const columns = (name: string): number => tensors.get(name)?.shape[1] ?? 0;
  const rows = (name: string): number => tensors.get(name)?.shape[0] ?? 0;
  const further = [...tensors.keys()].filter((name) => /^layer2\.\d+\.fc_i2h\.0\.weight$/.test(name));
  const cell = checkCell(
    {
      ...presets[preset],
      hidden: columns("layer3.weight"),
      middle: rows("layer1.fc_i2h.0.weight"),
      layers: 1 + further.length,
    },
    "SHAPE_MISMATCH",
  );
  return { cell, theta: packParameters(cell, tensors) };
}

/**
 * In one folder: `data.pkl`, the state dict; `data/<key>`, the bytes of each storage; `byteorder`, since 2.1; and what nothing
 * here needs.
 */
function readZipped(bytes: Uint8Array): NamedTensors {
  const entries = readZip(bytes);
  const [pickle, ...others] = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickle === undefined || others.length > 0)
    throw unsupported("a zip file without one `data.pkl` in its folder");
  const folder = pickle.slice(0, -"data.pkl".length);
  const read = (name: string): Uint8Array | undefined => entries.get(folder + name)?.();
  const order = new TextDecoder().decode(read("byteorder")?.subarray(0, 8)).trim();
  if (order !== "" && order !== "little" && order !== "big")
    throw corrupt("a byte order that is little or big");
  const content = read("data.pkl")!;
  const { value, end } = readPickle(content, 0);
  if (end !== content.length) throw corrupt("one pickle in `data.pkl`");
  return tensorsOf(windowsOf(value), ({ storage }) => {
    const numbers = read(`data/${storage.key}`);
    if (!numbers) throw corrupt(`an entry \`data/${storage.key}\``);
    return decodeStorage(storage, numbers, order !== "big");
  });
}

/** Five pickles in a row (magic number, protocol, system, object, storage keys), then every storage in key order. */
function readLegacy(bytes: Uint8Array): NamedTensors {
  let at = 0;
  const next = (): PickleValue => {
    const { value, end } = readPickle(bytes, at);
    at = end;
    return value;
  };
  if (next() !== magic) throw unsupported("another magic number");
  if (next() !== protocol) throw unsupported("another protocol");
  const system = next();
  if (!(system instanceof Map && system.get("little_endian") === true))
    throw unsupported("another byte order");
  const windows = windowsOf(next());
  const keys = next();
  const storages = readStorages(bytes, windows, keys, at);
  return tensorsOf(windows, ({ name, storage }) => {
    const numbers = storages.get(storage.key);
    if (!numbers) throw corrupt(`the storage of "${name}"`);
    return numbers;
  });
}

/** Per key an int64 count and as many numbers, to the end of the file. */
function readStorages(
  bytes: Uint8Array,
  windows: readonly TensorWindow[],
  keys: PickleValue,
  start: number,
): Map<string, Float32Array> {
  if (!Array.isArray(keys)) throw corrupt("a list of storage keys");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const needed = new Map(windows.map(({ storage }) => [storage.key, storage]));
  const storages = new Map<string, Float32Array>();
  let at = start;
  for (const key of keys) {
    const storage = needed.get(key as string);
    if (!storage || storages.has(storage.key))
      throw corrupt("storage keys that tensors have and that differ");
    const left = bytes.length - at - 8;
    if (left < 0) throw corrupt("more bytes");
    const count = view.getBigInt64(at, true);
    const size = storage.type.width * storage.length;
    if (count !== BigInt(storage.length) || size > left)
      throw corrupt(`${count} numbers in the ${left} bytes left`);
    at += 8 + size;
    storages.set(storage.key, decodeStorage(storage, bytes.subarray(at - size, at), true));
  }
  if (at !== bytes.length) throw corrupt(`the end at byte ${at}, got ${bytes.length} bytes`);
  return storages;
}

/** Each tensor with its numbers; a storage that several share is read once, and is of one type. */
function tensorsOf(
  windows: readonly TensorWindow[],
  numbersOf: (window: TensorWindow) => Float32Array,
): NamedTensors {
  const known = new Map<string, { storage: TensorWindow["storage"]; numbers: Float32Array }>();
  return new Map(
    windows.map((window) => {
      const { key, type, length } = window.storage;
      const shared = known.get(key) ?? { storage: window.storage, numbers: numbersOf(window) };
      known.set(key, shared);
      if (shared.storage.type !== type || shared.storage.length !== length)
        throw corrupt("storages of one type and length");
      return [window.name, { shape: window.shape, data: gather(window, shared.numbers) }];
    }),
  );
}
