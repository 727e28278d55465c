// How every command is made: a summary, examples in its help, and an action that is given the parsed options.
import { type Command, InvalidArgumentError } from "commander";

export interface CommandText {
  readonly summary: string;
  /** More than the summary, when one sentence is not enough. */
  readonly description?: string;
  /** What to type, and what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
}

/** Adds the command `usage` (its name and arguments) to `parent`. */
export function addCommand(parent: Command, usage: string, text: CommandText): Command {
  const command = parent
    .command(usage)
    .summary(text.summary)
    .description(text.description ?? text.summary);
  command.addHelpText("after", () => examplesText(text.examples));
  return command;
}

/** Adds a command that only holds others. */
export function addGroup(parent: Command, name: string, summary: string): Command {
  return parent.command(name).summary(summary).description(summary);
}

/** Parses a whole number between `min` and `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}

/** Parses a number strictly between `low` and `high`. */
export function numberBetween(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value > low && value < high) return value;
    throw new InvalidArgumentError(`Give a number between ${low} and ${high}.`);
  };
}

/** Parses one of `words`. */
export function oneOf<const T extends string>(words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`Give one of ${words.join(", ")}.`);
  };
}

// Internal

function examplesText(examples: CommandText["examples"]): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, what]) =>
    width > 70 ? `  # ${what}\n  ${line}` : `  ${line.padEnd(width)}   # ${what}`,
  );
  return `\nExamples:\n${lines.join("\n")}`;
}
