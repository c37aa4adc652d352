import { Machine, type PickleValue, Tuple, unsupported } from "./pickle-machine.ts";

const longest = 1 << 20;

/**
 * Reads one pickle of the kind that `torch.save` writes for a state dict, and executes nothing: a call of
 * OrderedDict makes an empty Map, one of the tensor builder is described, any other name is refused.
 * Every instruction takes at least a byte and copies nothing, so the file's length bounds time and memory.
 *
 * @param start where in `bytes` the pickle starts; it may be 1 MiB long.
 * @returns the value, and the position after it.
 * @throws {MlrSnetError} `FILE_CORRUPT`, or `UNSUPPORTED_FORMAT` naming the instruction or name that is not allowed.
 * @see Python's pickletools for the instructions.
 */
export function readPickle(bytes: Uint8Array, start: number): { value: PickleValue; end: number } {
  const machine = new Machine(bytes.subarray(0, start + longest), start);
  for (;;) {
    const opcode = machine.byte();
    if (opcode === stop) return { value: machine.result(), end: machine.at };
    const instruction = instructions.get(opcode);
    if (instruction === undefined)
      throw unsupported(`the pickle instruction 0x${opcode.toString(16)} at byte ${machine.at - 1}`);
    instruction(machine);
  }
}

const stop = ".".charCodeAt(0);

/** Everything that a state dict of protocol 2 needs, and the numbers of what people save beside one, by Python's letters. */
const instructions = new Map<number, (machine: Machine) => void>(
  (
    [
      ["\x80", (m) => checkProtocol(m.byte())],
      ["(", (m) => m.mark()],
      ["N", (m) => m.push(null)],
      ["\x88", (m) => m.push(true)],
      ["\x89", (m) => m.push(false)],
      ["K", (m) => m.push(m.byte())],
      ["M", (m) => m.push(m.uint16())],
      ["J", (m) => m.push(m.int32())],
      ["\x8a", (m) => m.push(m.long(m.byte()))],
      ["G", (m) => m.push(m.float64())],
      ["X", (m) => m.push(m.text(m.uint32()))],
      ["}", (m) => m.push(new Map())],
      ["]", (m) => m.push([])],
      [")", (m) => m.push(new Tuple([]))],
      ["t", (m) => m.push(new Tuple(m.popToMark()))],
      ["\x85", (m) => m.tuple(1)],
      ["\x86", (m) => m.tuple(2)],
      ["\x87", (m) => m.tuple(3)],
      ["q", (m) => m.remember(m.byte())],
      ["r", (m) => m.remember(m.uint32())],
      ["h", (m) => m.recall(m.byte())],
      ["j", (m) => m.recall(m.uint32())],
      ["s", (m) => m.setItems([m.pop(), m.pop()].reverse())],
      ["u", (m) => m.setItems(m.popToMark())],
      ["a", (m) => m.append([m.pop()])],
      ["e", (m) => m.append(m.popToMark())],
      ["c", (m) => m.global()],
      ["R", (m) => m.reduce()],
      ["b", (m) => m.build()],
      ["Q", (m) => m.persistentId()],
    ] satisfies [string, (machine: Machine) => void][]
  ).map(([letter, instruction]) => [letter.charCodeAt(0), instruction]),
);

function checkProtocol(protocol: number): void {
  if (protocol !== 2) throw unsupported(`pickle protocol ${protocol} instead of 2`);
}
