import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import golden from "../../../test/golden/mlr-snet-legacy.json" with { type: "json" };
import zipped from "../../../test/golden/mlr-snet-zip.json" with { type: "json" };
import { writeZip, type ZipEntry } from "../../../test/write-zip.ts";
import type { ErrorCode } from "../../errors.ts";
import type { CellConfig } from "./config.ts";
import { parameterLayout } from "./parameters.ts";
import { readPickle } from "./pickle.ts";
import { importPyTorch } from "./pytorch-import.ts";
import { readZip } from "./zip.ts";

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

  it("takes numbers of 64 bits to the nearest of 32", () => {
    const doubles = importPyTorch(Buffer.from(golden.doubles, "base64"));
    expect(doubles).toEqual(importPyTorch(checkpoint));
  });

  const refused: [keyof typeof golden.refused, ErrorCode, string][] = [
    ["os.system in the state dict", "UNSUPPORTED_FORMAT", 'the name "posix.system"'],
    ["os.system as the first pickle", "UNSUPPORTED_FORMAT", 'the name "posix.system"'],
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
    ["a storage of another number type", "UNSUPPORTED_FORMAT", () => edited("FloatStorage", "ByteStorage.")],
  ];
  it.each(wrong)("refuses %s with %s", (_, code, bytes) => {
    expect(() => importPyTorch(bytes())).toThrow(expect.objectContaining({ name: "MlrSnetError", code }));
  });
});

describe("importPyTorch of the zip format", () => {
  const file = (name: keyof typeof zipped.files): Buffer => Buffer.from(zipped.files[name], "base64");
  const flat = (tensors: Readonly<Record<string, readonly number[]>>, cell: CellConfig): number[] =>
    parameterLayout(cell).flatMap(({ name }) => tensors[name]!.map(Math.fround));

  it.each(Object.keys(zipped.files) as (keyof typeof zipped.files)[])("reads %s", (name) => {
    const { cell, theta } = importPyTorch(file(name));
    expect(cell).toMatchObject({ hidden: zipped.hidden, middle: zipped.middle, layers: 1 });
    expect([...theta]).toEqual(flat(name === "float16" ? zipped.half : zipped.tensors, cell));
  });

  const contents = (): ZipEntry[] =>
    [...readZip(file("float32"))].map(([name, read]) => ({ name, content: read() }));

  it("reads the same from entries that are deflated, and from another folder", () => {
    const entries = contents().map((entry) => ({ ...entry, name: entry.name.replace("archive", "run 7") }));
    expect(importPyTorch(writeZip(entries.map((entry) => ({ ...entry, deflate: true }))))).toEqual(
      importPyTorch(file("float32")),
    );
  });

  it("reads the byte order that newer releases write", () => {
    const order = (text: string): ZipEntry => ({ name: "archive/byteorder", content: Buffer.from(text) });
    const turned = contents().map(({ name, content }) =>
      name.includes("/data/") ? { name, content: Buffer.from(content).swap32() } : { name, content },
    );
    const expected = importPyTorch(file("float32"));
    expect(importPyTorch(writeZip([...contents(), order("little")]))).toEqual(expected);
    expect(importPyTorch(writeZip([...turned, order("big")]))).toEqual(expected);
    expect(() => importPyTorch(writeZip([...contents(), order("middle")]))).toThrow(/little or big/);
  });

  const unreadable: [keyof typeof zipped.refused, ErrorCode, RegExp][] = [
    [
      "a checkpoint with the optimizer in it",
      "UNSUPPORTED_FORMAT",
      /a dictionary as "state_dict": save what it has/,
    ],
    [
      "a checkpoint that begins with a number",
      "UNSUPPORTED_FORMAT",
      /got 3 as "epoch": save a state dict alone/,
    ],
    ["the state of an optimizer", "UNSUPPORTED_FORMAT", /a dictionary as "state"/],
    ["a list of state dicts", "UNSUPPORTED_FORMAT", /a list: save `network.state_dict\(\)` alone/],
    ["one tensor", "UNSUPPORTED_FORMAT", /_rebuild_tensor_v2: save `network/],
    ["a whole network", "UNSUPPORTED_FORMAT", /the name "__main__\.Network"/],
    ["os.system", "UNSUPPORTED_FORMAT", /the name "posix\.system"/],
    ["whole numbers", "UNSUPPORTED_FORMAT", /the name "torch\.LongStorage"/],
    ["an expanded tensor", "UNSUPPORTED_FORMAT", /"layer3\.bias" expanded/],
    ["another network", "SHAPE_MISMATCH", /hidden/],
  ];
  it.each(unreadable)("refuses %s and executes nothing", (name, code, message) => {
    const bytes = Buffer.from(zipped.refused[name], "base64");
    expect(() => importPyTorch(bytes)).toThrow(expect.objectContaining({ code }));
    expect(() => importPyTorch(bytes)).toThrow(message);
    expect(existsSync("/tmp/mlr-snet-pickle-was-executed")).toBe(false);
  });

  it("refuses an archive that lacks a storage, has none or two state dicts, or more in it than one", () => {
    const without = (end: string): ZipEntry[] => contents().filter(({ name }) => !name.endsWith(end));
    const pickle = contents().find(({ name }) => name.endsWith("data.pkl"))!;
    const longer = { ...pickle, content: Buffer.concat([pickle.content, Buffer.from("N.")]) };
    const cases: [ZipEntry[], ErrorCode][] = [
      [without("/data/3"), "FILE_CORRUPT"],
      [without("data.pkl"), "UNSUPPORTED_FORMAT"],
      [[...contents(), { ...pickle, name: "other/data.pkl" }], "UNSUPPORTED_FORMAT"],
      [[...without("data.pkl"), longer], "FILE_CORRUPT"],
      [[...without("/data/3"), { name: "archive/data/3", content: Buffer.alloc(3) }], "FILE_CORRUPT"],
    ];
    for (const [entries, code] of cases)
      expect(() => importPyTorch(writeZip(entries))).toThrow(expect.objectContaining({ code }));
  });
});

describe("readPickle", () => {
  const read = (text: string): unknown => readPickle(Buffer.from(text, "latin1"), 0).value;

  it("reads numbers, texts, lists and dictionaries", () => {
    expect(read("\x80\x02M\xe9\x03.")).toBe(1001);
    expect(read("J\xff\xff\xff\xff.")).toBe(-1);
    expect(read("\x8a\x02\x00\xff.")).toBe(-256n);
    expect(read("G\x3f\xf8\0\0\0\0\0\0.")).toBe(1.5);
    expect(read("}K\x07Ns.")).toEqual(new Map([[7, null]]));
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
