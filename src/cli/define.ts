import type { Command } from "commander";
import type { Answer, CommonOptions, Session } from "./session.ts";

/** Gives a command its action: from flags and arguments to an answer. */
export type Define = <Options>(
  command: Command,
  run: (options: Options & CommonOptions, session: Session, ...args: string[]) => Promise<Answer>,
) => void;
