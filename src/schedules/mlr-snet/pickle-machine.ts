import { MlrSnetError } from "../../errors.ts";
import { show } from "../show.ts";

/** A tuple, apart from lists. */
export class Tuple {
  readonly items: readonly PickleValue[];
  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

/** Something that Python would build by a call, here only described: by which name, from which values. */
export class Described {
  readonly name: string;
  readonly items: readonly PickleValue[];
  constructor(name: string, items: readonly PickleValue[]) {
    this.name = name;
    this.items = items;
  }
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Described
  | Tuple
  | PickleValue[]
  | Map<string | number, PickleValue>;

const orderedDict = "collections.OrderedDict";
export const rebuildTensor = "torch._utils._rebuild_tensor_v2";
export const storageTypes = {
  float32: "torch.FloatStorage",
  float64: "torch.DoubleStorage",
  float16: "torch.HalfStorage",
} as const;
export const persistent = "persistent id";
const allowed: readonly string[] = [orderedDict, rebuildTensor, ...Object.values(storageTypes)];

const mark: unique symbol = Symbol("mark");

/** The stack, the memo and the position of one pickle being read. What Python would call is only described. */
export class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #stack: (PickleValue | typeof mark)[] = [];
  readonly #memo = new Map<number, PickleValue>();
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  /** The position of the next `count` bytes, which are then behind. */
  take(count: number): number {
    if (this.at + count > this.#bytes.length) throw corrupt("more bytes");
    this.at += count;
    return this.at - count;
  }

  byte(): number {
    return this.#view.getUint8(this.take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.take(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.take(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.take(4), true);
  }

  /** Big-endian, the one number of a pickle that is. */
  float64(): number {
    return this.#view.getFloat64(this.take(8), false);
  }

  /** Two's complement, little-endian. */
  long(length: number): bigint {
    const from = this.take(length);
    let value = 0n;
    for (let k = length - 1; k >= 0; k--) value = (value << 8n) | BigInt(this.#bytes[from + k]!);
    return BigInt.asIntN(8 * length, value);
  }

  text(length: number): string {
    const from = this.take(length);
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(this.#bytes.subarray(from, from + length));
    } catch {
      throw corrupt("UTF-8 text");
    }
  }

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.at);
    if (end === -1) throw corrupt("a line that ends");
    const text = this.text(end - this.at);
    this.take(1);
    return text;
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  mark(): void {
    this.#stack.push(mark);
  }

  pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === mark) throw corrupt("a value on the stack");
    return value;
  }

  popToMark(): PickleValue[] {
    const from = this.#stack.lastIndexOf(mark);
    if (from === -1) throw corrupt("a mark on the stack");
    return this.#stack.splice(from).slice(1) as PickleValue[];
  }

  top(): PickleValue {
    const value = this.pop();
    this.push(value);
    return value;
  }

  remember(index: number): void {
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw corrupt(`something remembered as ${index}`);
    this.push(value);
  }

  tuple(count: number): void {
    const items = Array.from({ length: count }, () => this.pop()).reverse();
    this.push(new Tuple(items));
  }

  setItems(pairs: readonly PickleValue[]): void {
    const target = this.top();
    if (!(target instanceof Map) || pairs.length % 2 !== 0) throw corrupt("pairs for a dictionary");
    for (let k = 0; k < pairs.length; k += 2) {
      const key = pairs[k];
      if (!(typeof key === "string" || typeof key === "number") || target.has(key))
        throw corrupt("keys that are texts or numbers and differ");
      target.set(key, pairs[k + 1]!);
    }
  }

  append(items: readonly PickleValue[]): void {
    const target = this.top();
    if (!Array.isArray(target)) throw corrupt("a list to append to");
    for (const item of items) target.push(item);
  }

  global(): void {
    const name = `${this.line()}.${this.line()}`;
    if (!allowed.includes(name))
      throw unsupported(`the name ${show(name)}, which is none of the few that are allowed`);
    this.push(new Described(name, []));
  }

  reduce(): void {
    const args = this.pop();
    const callee = this.pop();
    if (!(args instanceof Tuple && callee instanceof Described)) throw corrupt("a name and a tuple to call");
    if (callee.name === orderedDict && args.items.length === 0) this.push(new Map());
    else if (callee.name === rebuildTensor) this.push(new Described(rebuildTensor, args.items));
    else throw unsupported(`a call of ${callee.name} with ${args.items.length} arguments`);
  }

  persistentId(): void {
    const id = this.pop();
    if (!(id instanceof Tuple)) throw corrupt("a tuple as persistent id");
    this.push(new Described(persistent, id.items));
  }

  /** Attributes of an OrderedDict: the state dict's `_metadata`, which nothing here needs. */
  build(): void {
    this.pop();
    if (!(this.top() instanceof Map)) throw unsupported("attributes of anything but an OrderedDict");
  }

  result(): PickleValue {
    const value = this.pop();
    if (this.#stack.length > 0) throw corrupt("one value at the end");
    return value;
  }
}

function corrupt(expected: string): MlrSnetError {
  return new MlrSnetError("FILE_CORRUPT", `The pickle is damaged: expected ${expected}.`);
}

export function unsupported(found: string): MlrSnetError {
  return new MlrSnetError("UNSUPPORTED_FORMAT", `The pickle holds ${found}; nothing of it was executed.`);
}
