// The runnable examples of a Markdown page: lines of `sh` blocks that start with `npx massif`, and whole `ts` blocks.

export type Example =
  | { readonly kind: "command"; readonly line: number; readonly text: string }
  | { readonly kind: "program"; readonly line: number; readonly text: string };

/** Examples in the order of the page. A trailing `\` joins lines; other lines of `sh` blocks are for the reader. */
export function examplesOf(markdown: string): Example[] {
  const found: Example[] = [];
  const lines = markdown.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const language = /^```(sh|ts)\s*$/.exec(lines[i])?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf("```", i + 1);
    const block = lines.slice(i + 1, end);
    if (language === "ts") found.push({ kind: "program", line: i + 2, text: block.join("\n") });
    else found.push(...commands(block, i + 2));
    i = end;
  }
  return found;
}

// Internal

function commands(block: readonly string[], firstLine: number): Example[] {
  const found: Example[] = [];
  for (let i = 0; i < block.length; i++) {
    const line = firstLine + i;
    let text = block[i];
    while (text.endsWith("\\") && i + 1 < block.length) text = `${text.slice(0, -1)}${block[++i]}`;
    if (text.startsWith("npx massif ")) found.push({ kind: "command", line, text: text.slice("npx massif ".length) });
  }
  return found;
}
