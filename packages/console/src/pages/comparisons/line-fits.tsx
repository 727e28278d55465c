// Where a number is predicted from a single column, every linear fit is a line: all of them over the points, as in the
// worked example.
import type { Comparison, Run } from "@massif/api";
import { type LineFit, type Look, scatterFits } from "@massif/charts";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Chart } from "../../parts/chart.tsx";
import { useSession } from "../../session/session.tsx";

export function LineFits({ comparison: { leaderboard, dataset, target } }: { readonly comparison: Comparison }) {
  const { client } = useSession();
  const runs = useQueries({
    queries: leaderboard
      .filter(({ status }) => status === "succeeded")
      .map(({ run: id }) => ({
        queryKey: ["run", id],
        queryFn: ({ signal }: { signal: AbortSignal }) => client.getRun({ params: { id }, signal }),
      })),
    combine: (results) => results.flatMap(({ data }) => data ?? []),
  });
  const { x, fits } = useMemo(() => linesOf(runs), [runs]);
  const points = useQuery({
    queryKey: ["points", dataset, x, target],
    queryFn: async ({ signal }) => {
      const sql = `SELECT ${quoted(x ?? "")}, ${quoted(target ?? "")} FROM ${quoted(dataset)} LIMIT ${MOST_POINTS}`;
      const { rows } = await client.sql({ body: { sql }, signal });
      return rows.map(([a, b]) => [Number(a), Number(b)] as const);
    },
    enabled: x !== undefined && target !== null,
  });
  const draw = useMemo(
    () => (look: Look) =>
      scatterFits({ title: "Fits", x: x ?? "", y: target ?? "", points: points.data ?? [], fits }, look),
    [x, target, points.data, fits],
  );
  if (x === undefined || points.data === undefined) return null;
  return (
    <Chart
      title="Every linear fit over the points"
      how="Lines that lie on one another agree; one that stands apart learned something else."
      draw={draw}
      height={420}
    />
  );
}

// Internal

const MOST_POINTS = 1000;

/** The one column of all linear runs, and their lines; no column when they are of several. */
function linesOf(runs: readonly Run[]): { x: string | undefined; fits: LineFit[] } {
  const single = runs.flatMap(({ label, linear }) => {
    const [first, ...others] = linear?.weights ?? [];
    return linear === null || first === undefined || others.length > 0 ? [] : [{ label, linear, first }];
  });
  const x = single[0]?.first.feature;
  if (single.some(({ first }) => first.feature !== x)) return { x: undefined, fits: [] };
  return {
    x,
    fits: single.map(({ label, linear, first }) => ({ label, slope: first.weight, intercept: linear.intercept })),
  };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
