// A command line as words, as a POSIX shell splits it: blanks part words, single and double quotes keep them together.

/** The words of `line`; quotes are taken off. Variables and escapes are not known here. */
export function shellWords(line: string): string[] {
  return [...line.matchAll(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"),
  );
}
