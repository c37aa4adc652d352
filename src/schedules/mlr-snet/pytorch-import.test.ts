import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import golden from "../../../test/golden/mlr-snet-legacy.json" with { type: "json" };
import type { ErrorCode } from "../../errors.ts";
import { readPickle } from "./pickle.ts";
import { importPyTorch } from "./pytorch-import.ts";

const checkpoint = Buffer.from(golden.checkpoint, "base64");

function edited(from: string, to: string): Buffer {
  const text = checkpoint.toString("latin1");
  expect(text).toContain(from);
  return Buffer.from(text.replace(from, to), "latin1");
}

describe("importPyTorch", () => {
  it("finds width, middle layer and number of layers in the shapes, the rest in the preset", () => {
    const { cell, theta } = importPyTorch(checkpoint);
    expect(cell).toMatchObject({ hidden: golden.hidden, middle: golden.middle, layers: golden.layers });
    expect(cell.gateOrder).toEqual(["input", "forget", "candidate", "output"]);
    expect(theta.every((value) => value !== 0 && value === Math.fround(value))).toBe(true);
    expect(importPyTorch(checkpoint, "image-meta-train").cell.forgetShift).toBe(-1);
  });

  const refused: [keyof typeof golden.refused, ErrorCode, string][] = [
    ["os.system in the state dict", "UNSUPPORTED_FORMAT", 'the name "posix.system"'],
    ["os.system as the first pickle", "UNSUPPORTED_FORMAT", 'the name "posix.system"'],
    ["float64 numbers", "UNSUPPORTED_FORMAT", 'the name "torch.DoubleStorage"'],
    ["the zip format", "UNSUPPORTED_FORMAT", "_use_new_zipfile_serialization=False"],
  ];
  it.each(refused)("refuses %s and executes nothing", (name, code, message) => {
    const bytes = Buffer.from(golden.refused[name], "base64");
    expect(() => importPyTorch(bytes)).toThrow(expect.objectContaining({ code }));
    expect(() => importPyTorch(bytes)).toThrow(message);
    expect(existsSync("/tmp/mlr-snet-pickle-was-executed")).toBe(false);
  });

  const wrong: [string, ErrorCode, () => Uint8Array][] = [
    ["an empty file", "FILE_CORRUPT", () => new Uint8Array()],
    ["a file cut in a pickle", "FILE_CORRUPT", () => checkpoint.subarray(0, 700)],
    ["a file cut in the numbers", "FILE_CORRUPT", () => checkpoint.subarray(0, -1)],
    ["a byte too many", "FILE_CORRUPT", () => Buffer.concat([checkpoint, Buffer.alloc(1)])],
    ["a tensor of another name", "SHAPE_MISMATCH", () => edited("layer3.bias", "layer4.bias")],
    ["a storage of another number type", "UNSUPPORTED_FORMAT", () => edited("FloatStorage", "HalfStorage")],
  ];
  it.each(wrong)("refuses %s with %s", (_, code, bytes) => {
    expect(() => importPyTorch(bytes())).toThrow(expect.objectContaining({ name: "MlrSnetError", code }));
  });
});

describe("readPickle", () => {
  const read = (text: string): unknown => readPickle(Buffer.from(text, "latin1"), 0).value;

  it("reads numbers, texts, lists and dictionaries", () => {
    expect(read("\x80\x02M\xe9\x03.")).toBe(1001);
    expect(read("J\xff\xff\xff\xff.")).toBe(-1);
    expect(read("\x8a\x02\x00\xff.")).toBe(-256n);
    expect(read("](K\x01K\x02e.")).toEqual([1, 2]);
    expect(read("}X\x01\x00\x00\x00aNs.")).toEqual(new Map([["a", null]]));
  });

  it("says where the next pickle starts", () => {
    expect(readPickle(Buffer.from("N.K\x07."), 2)).toEqual({ value: 7, end: 5 });
  });

  const refused: [string, string][] = [
    ["an unknown instruction", "\x93."],
    ["an old-style instance", "(ios\nsystem\n."],
    ["a call of a value", "K\x01)R."],
    ["OrderedDict with arguments", "ccollections\nOrderedDict\nK\x01\x85R."],
    ["attributes of a number", "K\x01Nb."],
    ["an empty stack", "."],
    ["two values", "NN."],
    ["no end", "N"],
    ["a list that ends without a mark", "]e."],
    ["something never remembered", "h\x05."],
    ["a text longer than the file", "X\xff\xff\xff\x7fa."],
    ["a key given twice", "}(K\x01NK\x01Nu."],
    ["another protocol", "\x80\x04N."],
  ];
  it.each(refused)("refuses %s", (_, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ name: "MlrSnetError" }));
  });
});
