import { describe, expect, it } from "vitest";
import { parseStrictJson } from "./strict-json.ts";

describe("parseStrictJson", () => {
  it("reads what JSON.parse reads, whatever the texts hold", () => {
    for (const value of [null, 3, "a:", { a: [{ 'b"': '":' }, "\\", ["x", ":"]], __proto__: 1 }]) {
      expect(parseStrictJson(JSON.stringify(value, null, 2))).toEqual(value);
    }
    const long = JSON.stringify({ text: '"'.repeat(400_000) });
    expect(parseStrictJson(long)).toEqual(JSON.parse(long));
  });

  it("refuses a key given twice, at any depth and however it is written", () => {
    expect(() => parseStrictJson('{"a":1,"a":1}')).toThrow("a key is given twice");
    expect(() => parseStrictJson('[{"b":{"a":1,"\\u0061" : 2}}]')).toThrow("a key is given twice");
    expect(() => parseStrictJson('{"__proto__":1,"__proto__":1}')).toThrow("a key is given twice");
  });

  it("refuses nesting deeper than 64 instead of running out of stack", () => {
    expect(() => parseStrictJson("[".repeat(300_000) + "]".repeat(300_000))).toThrow(SyntaxError);
  });
});
