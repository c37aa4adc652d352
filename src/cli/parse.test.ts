import { describe, expect, it } from "vitest";
import { choice, integer, names, number, numbers } from "./parse.ts";

describe("the readers of flags", () => {
  it("read what is right.", () => {
    expect(integer("--n", 1)("12")).toBe(12);
    expect(number("--x", "> 0")("1e-3")).toBe(0.001);
    expect(number("--x", "≥ 0")("0")).toBe(0);
    expect(numbers("--l")("1,2.5, 3")).toEqual([1, 2.5, 3]);
    expect(names("--s")("a, b")).toEqual(["a", "b"]);
    expect(choice("--c", ["a", "b"])("b")).toBe("b");
  });

  it("refuse everything else in the house's one sentence, as wrong usage.", () => {
    const wrong: [read: () => unknown, message: string][] = [
      [() => integer("--n", 1)("0"), 'Expected `--n` to be an integer ≥ 1, got "0".'],
      [() => integer("--n", 0)(""), 'Expected `--n` to be an integer ≥ 0, got "".'],
      [() => integer("--n", 0)("1e99"), 'Expected `--n` to be an integer ≥ 0, got "1e99".'],
      [() => integer("--n", 1, 9)("10"), 'Expected `--n` to be an integer from 1 to 9, got "10".'],
      [() => number("--x", "> 0")("0"), 'Expected `--x` to be a number > 0, got "0".'],
      [() => number("--x", "≥ 0")("Infinity"), 'Expected `--x` to be a number ≥ 0, got "Infinity".'],
      [() => numbers("--l")("1,,2"), 'Expected `--l` to be finite numbers separated by commas, got "".'],
      [() => names("--s")("a,"), 'Expected `--s` to be names separated by commas, got "a,".'],
      [() => choice("--c", ["a", "b"])("c"), 'Expected `--c` to be one of a, b, got "c".'],
    ];
    for (const [read, message] of wrong)
      expect(read).toThrow(expect.objectContaining({ code: "USAGE", message }));
  });
});
