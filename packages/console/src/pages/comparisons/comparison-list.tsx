// All comparisons, newest first, each with its best run.
import type { ComparisonSummary } from "@massif/api";
import { useQuery } from "@tanstack/react-query";
import { DataTable, type TableColumn } from "../../parts/data-table.tsx";
import { figure, moment } from "../../parts/figures.ts";
import { ButtonLink, TextLink } from "../../parts/links.tsx";
import { Empty, Loaded, Page } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { useSession } from "../../session/session.tsx";
import { metricLabel } from "../runs/metric-words.ts";

export function ComparisonList() {
  const { client, may } = useSession();
  const query = useQuery({
    queryKey: ["comparisons"],
    queryFn: ({ signal }) => client.listComparisons({ signal }),
    refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === "running") ? 2000 : false),
  });
  return (
    <Page
      title="Comparisons"
      note="Several pipelines on the same split of the same rows, ranked."
      actions={may("member") && <ButtonLink to="/comparisons/new">Compare</ButtonLink>}
    >
      <Loaded query={query}>
        {(all) =>
          all.length > 0 ? (
            <DataTable label="Comparisons" columns={COLUMNS} rows={all} id={({ id }) => id} />
          ) : (
            <Empty title="No comparisons yet">
              <TextLink to="/comparisons/new">Start one</TextLink>: one of each algorithm that fits is trained on your
              data, and a table says which does best.
            </Empty>
          )
        }
      </Loaded>
    </Page>
  );
}

// Internal

const COLUMNS: readonly TableColumn<ComparisonSummary>[] = [
  {
    head: "Comparison",
    cell: ({ id, dataset, target, task }) => (
      <TextLink to={`/comparisons/${id}`}>
        {dataset} → {target ?? (task === "outliers" ? "outliers" : "clusters")}
      </TextLink>
    ),
  },
  { head: "Status", cell: ({ status }) => <Status of={status} /> },
  { head: "Pipelines", number: true, cell: ({ runs }) => runs },
  { head: "Best", cell: ({ best }) => best?.estimator ?? "–" },
  {
    head: "Quality",
    cell: ({ best, sortedBy: { metric } }) =>
      best === null ? "–" : `${metricLabel(metric)} ${figure(best.metrics?.[metric])}`,
  },
  { head: "Started", cell: ({ createdAt }) => moment(createdAt) },
];
