// All data sets, and the way to bring in another.
import type { Dataset } from "@massif/api";
import { useQuery } from "@tanstack/react-query";
import { DataTable, type TableColumn } from "../../parts/data-table.tsx";
import { bytes, figure, moment } from "../../parts/figures.ts";
import { TextLink } from "../../parts/links.tsx";
import { Empty, Loaded, Page } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { useSession } from "../../session/session.tsx";
import { UploadBox } from "./upload-box.tsx";

export function DatasetList() {
  const { client, may } = useSession();
  const query = useQuery({
    queryKey: ["datasets"],
    queryFn: ({ signal }) => client.listDatasets({ signal }),
    refetchInterval: ({ state }) => (state.data?.some(({ latest }) => latest?.status === "importing") ? 1000 : false),
  });
  return (
    <Page title="Data sets" note="Files become versions that never change, each with a profile of its columns.">
      {may("member") && <UploadBox />}
      <Loaded query={query}>
        {(all) =>
          all.length > 0 ? (
            <DataTable label="Data sets" columns={COLUMNS} rows={all} id={({ name }) => name} />
          ) : (
            <Empty title="No data sets yet">
              Drop a file above: a header line and one row per example is all it needs. The repository’s{" "}
              <code>examples/data/penguins.csv</code> is a good first one.
            </Empty>
          )
        }
      </Loaded>
    </Page>
  );
}

// Internal

const COLUMNS: readonly TableColumn<Dataset>[] = [
  { head: "Name", cell: ({ name }) => <TextLink to={`/datasets/${name}`}>{name}</TextLink> },
  { head: "Status", cell: ({ latest }) => (latest === null ? "–" : <Status of={latest.status} />) },
  { head: "Version", number: true, cell: ({ latest }) => latest?.version ?? "–" },
  { head: "Rows", number: true, cell: ({ latest }) => figure(latest?.rows) },
  { head: "Size", number: true, cell: ({ latest }) => bytes(latest?.bytes ?? null) },
  { head: "Likely target", cell: ({ latest }) => latest?.suggestedTarget ?? "–" },
  { head: "Imported", cell: ({ latest }) => moment(latest?.finishedAt ?? null) },
];
