// Which columns predictions may only rise or fall with, from the names in the parameters.
import { ParamError } from "../base/errors.ts";
import type { Table } from "../base/table.ts";

/** What names the constrained columns. */
export interface MonotoneParams {
  readonly increasing: readonly string[];
  readonly decreasing: readonly string[];
}

/** 1, -1 or 0 (free) per column; undefined when all are free. Throws ParamError for a column that cannot be constrained. */
export function monotoneDirections(
  owner: string,
  { increasing, decreasing }: MonotoneParams,
  { columns }: Table,
): Int8Array | undefined {
  if (increasing.length === 0 && decreasing.length === 0) return undefined;
  const directions = new Int8Array(columns.length);
  for (const [param, names] of Object.entries({ increasing, decreasing })) {
    for (const name of names) {
      const at = columns.findIndex((column) => column.name === name);
      const problem = `\`${param}\` of ${owner} names "${name}"`;
      if (at < 0) {
        const known = columns.map((column) => column.name).join(", ");
        throw new ParamError(param, `${problem}, which is no column; the columns are: ${known}`);
      }
      if (columns[at].kind === "category") {
        throw new ParamError(param, `${problem}, a category column, which has no order; name number columns only`);
      }
      const direction = param === "increasing" ? 1 : -1;
      if (directions[at] === -direction) {
        throw new ParamError(param, `${problem}, which \`increasing\` names too; name it in one of them`);
      }
      directions[at] = direction;
    }
  }
  return directions;
}
