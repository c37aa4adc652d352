import type { Command, CommanderError } from "commander";
import { unknownName } from "../schedules/internal.ts";

/** What was wrong with the command line, as one line that ends with where to read more. */
export function usageMessage(error: CommanderError, program: Command, args: readonly string[]): string {
  const unknown = unknownCommand(error);
  const path = pathOf(program, unknown === undefined ? args : args.slice(0, args.indexOf(unknown)));
  const help = `See \`${path.map((command) => command.name()).join(" ")} --help\`.`;
  return `${describe(error, path, args)} ${help}`;
}

function describe(error: CommanderError, path: Command[], args: readonly string[]): string {
  const { code, message } = error;
  if (code === "commander.help") return "Expected a command, got none.";
  const command = unknownCommand(error);
  if (command !== undefined) {
    const known = path.at(-1)!.commands.map((command) => command.name());
    return unknownName("command", command, known).message;
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

/** The word that was taken for a command and is none. */
function unknownCommand({ message }: CommanderError): string | undefined {
  return /^error: unknown command '(.*)'/.exec(message)?.[1];
}
