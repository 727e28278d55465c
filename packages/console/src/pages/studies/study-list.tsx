// All studies, newest first.
import type { Study } from "@massif/api";
import { useQuery } from "@tanstack/react-query";
import { DataTable, type TableColumn } from "../../parts/data-table.tsx";
import { figure, moment } from "../../parts/figures.ts";
import { ButtonLink, TextLink } from "../../parts/links.tsx";
import { Empty, Loaded, Page } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { useSession } from "../../session/session.tsx";
import { metricLabel } from "../runs/metric-words.ts";

export function StudyList() {
  const { client, may } = useSession();
  const query = useQuery({
    queryKey: ["studies"],
    queryFn: ({ signal }) => client.listStudies({ signal }),
    refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === "running") ? 2000 : false),
  });
  return (
    <Page
      title="Studies"
      note="Each searches the parameters of one pipeline for the best ones, trial by trial."
      actions={may("member") && <ButtonLink to="/studies/new">Tune</ButtonLink>}
    >
      <Loaded query={query}>
        {(all) =>
          all.length > 0 ? (
            <DataTable label="Studies" columns={COLUMNS} rows={all} id={({ name }) => name} />
          ) : (
            <Empty title="No studies yet">
              When a <TextLink to="/comparisons">comparison</TextLink> has shown which algorithm does well,{" "}
              <TextLink to="/studies/new">tune it</TextLink>: its parameters are searched within their usual ranges.
            </Empty>
          )
        }
      </Loaded>
    </Page>
  );
}

// Internal

const COLUMNS: readonly TableColumn<Study>[] = [
  { head: "Study", cell: ({ name }) => <TextLink to={`/studies/${name}`}>{name}</TextLink> },
  { head: "Status", cell: ({ status }) => <Status of={status} /> },
  { head: "Pipeline", cell: ({ label }) => label },
  { head: "Data", cell: ({ dataset, version, target }) => `${dataset} v${version} → ${target}` },
  {
    head: "Trials",
    number: true,
    cell: ({ counts, trials }) => `${counts.complete + counts.pruned + counts.failed} of ${trials}`,
  },
  {
    head: "Best",
    cell: ({ best, metric }) => (best?.value == null ? "–" : `${metricLabel(metric)} ${figure(best.value)}`),
  },
  { head: "Started", cell: ({ createdAt }) => moment(createdAt) },
];
