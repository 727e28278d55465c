// Hosts files as MPI launchers know them: one host a line, `name`, `name slots=2` or `name:2`, and comments after `#`.
import { ApiError } from "./errors.ts";
import { RankHost } from "./resources/ranks.ts";

/** Reads a hosts file; throws INVALID_REQUEST naming `file`, the line and what it holds. */
export function parseHostFile(text: string, file: string): RankHost[] {
  const hosts = new Map<string, RankHost>();
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/#.*/, "").trim();
    if (line === "") continue;
    const host = parseLine(line);
    if (host === undefined) {
      const problem = `line ${i + 1} of ${file} is "${line}"; write \`name\`, \`name slots=2\` or \`name:2\``;
      throw new ApiError("INVALID_REQUEST", problem, { details: [{ field: "hosts", value: line, problem }] });
    }
    if (hosts.has(host.name)) {
      const problem = `line ${i + 1} of ${file} names "${host.name}" a second time; give its slots once`;
      throw new ApiError("INVALID_REQUEST", problem, { details: [{ field: "hosts", value: line, problem }] });
    }
    hosts.set(host.name, host);
  }
  if (hosts.size > 0) return [...hosts.values()];
  throw new ApiError("INVALID_REQUEST", `${file} names no host`, {
    details: [{ field: "hosts", problem: "it names no host" }],
  });
}

// Internal

function parseLine(line: string): RankHost | undefined {
  const [, name, counted, slots] = /^([^\s:]+)(?::(\d+)|\s+slots\s*=\s*(\d+))?$/.exec(line) ?? [];
  const { success, data } = RankHost.safeParse({ name, slots: Number(counted ?? slots ?? 1) });
  return success ? data : undefined;
}
