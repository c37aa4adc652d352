import { runCommandLine } from "../src/cli/command-line.ts";

/** Runs the command line in this process. */
export async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const texts = { stdout: "", stderr: "" };
  const into = (name: "stdout" | "stderr") => ({
    write: (text: string) => {
      texts[name] += text;
    },
  });
  const code = await runCommandLine(args, { stdout: into("stdout"), stderr: into("stderr") });
  return { code, ...texts };
}
