// All runs, newest first, followed while any is under way.
import type { Run } from "@massif/api";
import { useQuery } from "@tanstack/react-query";
import { DataTable, type TableColumn } from "../../parts/data-table.tsx";
import { duration, moment } from "../../parts/figures.ts";
import { ButtonLink, TextLink } from "../../parts/links.tsx";
import { Empty, Loaded, Page } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { useSession } from "../../session/session.tsx";
import { mainMetrics } from "./metric-words.ts";
import { isOver } from "./run-status.ts";

export function RunList() {
  const { client, may } = useSession();
  const query = useQuery({
    queryKey: ["runs"],
    queryFn: ({ signal }) => client.listRuns({ query: { limit: 200 }, signal }),
    refetchInterval: ({ state }) => (state.data?.some(({ status }) => !isOver(status)) ? 1500 : false),
  });
  return (
    <Page
      title="Runs"
      note="Each is one training of one pipeline on one version of a data set."
      actions={may("member") && <ButtonLink to="/runs/new">Train</ButtonLink>}
    >
      <Loaded query={query}>
        {(all) =>
          all.length > 0 ? (
            <DataTable label="Runs" columns={COLUMNS} rows={all} id={({ id }) => id} />
          ) : (
            <Empty title="No runs yet">
              Open a <TextLink to="/datasets">data set</TextLink> and press “Compare algorithms”: ten pipelines are
              trained on the same split and ranked. Or <TextLink to="/runs/new">train one</TextLink> of your choice.
            </Empty>
          )
        }
      </Loaded>
    </Page>
  );
}

// Internal

type Row = Omit<Run, "history">;

const COLUMNS: readonly TableColumn<Row>[] = [
  { head: "Run", cell: ({ id, label }) => <TextLink to={`/runs/${id}`}>{label}</TextLink> },
  { head: "Status", cell: ({ status }) => <Status of={status} /> },
  { head: "Data set", cell: ({ dataset, version }) => `${dataset} v${version}` },
  { head: "Target", cell: ({ target }) => target ?? "–" },
  { head: "Quality", cell: ({ metrics, error }) => error?.code ?? mainMetrics(metrics) },
  { head: "Fit", number: true, cell: ({ fitSeconds }) => duration(fitSeconds) },
  { head: "Started", cell: ({ createdAt }) => moment(createdAt) },
];
