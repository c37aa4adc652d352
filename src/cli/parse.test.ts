import { describe, expect, it } from "vitest";
import { budget, choice, integer, names, number, numbers } from "./parse.ts";

describe("the readers of flags", () => {
  it("read what is right.", () => {
    expect(integer("--n", 1)("12")).toBe(12);
    expect(number("--x", "> 0")("1e-3")).toBe(0.001);
    expect(number("--x", "≥ 0")("0")).toBe(0);
    expect(numbers("--l")("1,2.5, 3")).toEqual([1, 2.5, 3]);
    expect(names("--s")("a, b")).toEqual(["a", "b"]);
    expect(choice("--c", ["a", "b"])("b")).toBe("b");
  });

  it("read budgets in time and in generations.", () => {
    const read = budget("--b");
    expect(read("90s")).toEqual({ seconds: 90 });
    expect(read("30m")).toEqual({ seconds: 1800 });
    expect(read("1.5h")).toEqual({ seconds: 5400 });
    expect(read(" .5 s ")).toEqual({ seconds: 0.5 });
    expect(read("500gen")).toEqual({ generations: 500 });
    expect(read("1 gen")).toEqual({ generations: 1 });
  });

  it("refuse budgets that are none, or so large that they are no number.", () => {
    const digits = "9".repeat(308);
    for (const text of [
      ...[
        "",
        "30",
        "s",
        "gen",
        ".s",
        "0s",
        "0gen",
        "-5gen",
        "1.5gen",
        "1e3gen",
        "1.2.3s",
        "30M",
        "30 min",
        "5gens",
      ],
      ...["Infinitys", "NaNs", "1s1s", `${digits}9s`, `${digits}h`, `${digits}gen`, "9007199254740993gen"],
    ])
      expect(() => budget("--b")(text), text).toThrow(
        expect.objectContaining({
          code: "USAGE",
          message: `Expected \`--b\` to be a time such as 90s, 30m or 2h, or a number of generations such as 500gen, got ${JSON.stringify(text)}.`,
        }),
      );
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
