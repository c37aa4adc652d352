/** target = w - rate d on addresses within one memory, 16 numbers at a time; `count` is a multiple of 16. */
export type UpdateKernel = (w: number, d: number, target: number, count: number, rate: number) => void;

/**
 * The update of all weights in WebAssembly, whose vector instructions are some eight times as fast as a loop here:
 * V8 does not vectorise. Each product and each difference is rounded to float32 once, as in `loopUpdate`.
 *
 * @see https://webassembly.github.io/spec/core/binary/
 */
export function compileUpdateKernel(memory: WebAssembly.Memory): UpdateKernel {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()), { m: { m: memory } });
  return instance.exports.f as UpdateKernel;
}

const [i32, f32, v128] = [0x7f, 0x7d, 0x7b] as const;
const [w, d, target, count, rate, rates] = [0, 1, 2, 3, 4, 5] as const;
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const i32Const = (value: number) => [0x41, ...signed(value)];
const vector = (operation: number, ...rest: number[]) => [0xfd, ...unsigned(operation), ...rest];
const load = (offset: number) => vector(0, 4, ...unsigned(offset));
const store = (offset: number) => vector(11, 4, ...unsigned(offset));
const [i32Add, i32Sub, i32Greater, loop, branchIf, end] = [0x6a, 0x6b, 0x4a, 0x03, 0x0d, 0x0b] as const;
const [splat, subtract, multiply] = [vector(19), vector(229), vector(230)] as const;

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const step = (offset: number) => [
    ...[...get(target), ...get(w), ...load(offset)],
    ...[...get(rates), ...get(d), ...load(offset), ...multiply, ...subtract, ...store(offset)],
  ];
  const advance = (pointer: number) => [...get(pointer), ...i32Const(64), i32Add, ...set(pointer)];
  const body = [
    ...[...get(rate), ...splat, ...set(rates)],
    ...[loop, 0x40, ...[0, 16, 32, 48].flatMap(step), ...[w, d, target].flatMap(advance)],
    ...[...get(count), ...i32Const(16), i32Sub, ...set(count)],
    ...[...get(count), ...i32Const(0), i32Greater, branchIf, 0, end],
    end,
  ];
  const locals = list([[1, v128]]);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
    ...section(1, list([[0x60, ...list([[i32], [i32], [i32], [i32], [f32]]), 0]])), // one type: no result
    ...section(2, list([[...name("m"), ...name("m"), 2, 0, 1]])), // the memory, imported
    ...section(3, list([[0]])), // one function of that type
    ...section(7, list([[...name("f"), 0, 0]])), // exported
    ...section(10, list([sized([...locals, ...body])])),
  ]);
}

function section(id: number, content: number[]): number[] {
  return [id, ...sized(content)];
}

function sized(content: number[]): number[] {
  return [...unsigned(content.length), ...content];
}

function list(items: number[][]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function name(letter: string): number[] {
  return sized([letter.charCodeAt(0)]);
}

/** LEB128 */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** LEB128 of a small number ≥ 0, whose highest bit would stand for the sign. */
function signed(value: number): number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
