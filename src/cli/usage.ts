import type { Command, CommanderError } from "commander";
import { unknownName } from "../schedules/index.ts";

/** What was wrong with the command line, as one line that ends with where to read more. */
export function usageMessage(error: CommanderError, program: Command, args: readonly string[]): string {
  const path = pathOf(program, args);
  const help = `See \`${path.map((command) => command.name()).join(" ")} --help\`.`;
  return `${describe(error, path, args)} ${help}`;
}

function describe({ code, message }: CommanderError, path: Command[], args: readonly string[]): string {
  const command = path.at(-1)!;
  if (code === "commander.help") return "Expected a command, got none.";
  if (code === "commander.unknownCommand") {
    const known = command.commands.map((command) => command.name());
    return unknownName("command", unknownWord(path, args), known).message;
  }
  // A mistyped flag often shows as another one that is missing: what was typed is said first.
  if (code === "commander.unknownOption" || code === "commander.missingMandatoryOptionValue") {
    const known = path.flatMap(({ options }) => options.map(({ long }) => long!));
    const flags = args.filter((arg) => /^--./.test(arg)).map((arg) => arg.split("=")[0]!);
    const unknown = flags.find((flag) => ![...known, "--help"].includes(flag));
    if (unknown !== undefined) return unknownName("flag", unknown, known).message;
  }
  const text = message.replace(/^error: /, "").replaceAll("'", "`");
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** The program and the commands that the arguments name, outermost first. */
function pathOf(program: Command, args: readonly string[]): Command[] {
  const path = [program];
  for (const arg of args) {
    const found = path.at(-1)!.commands.find((command) => command.name() === arg);
    if (found) path.push(found);
  }
  return path;
}

/** The first word that is neither a flag nor one of the commands found. */
function unknownWord(path: readonly Command[], args: readonly string[]): string {
  const names = path.map((command) => command.name());
  return args.find((arg) => !arg.startsWith("-") && !names.includes(arg)) ?? "";
}
