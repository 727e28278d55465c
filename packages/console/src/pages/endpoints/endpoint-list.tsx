// All endpoints.

import { Code } from "@mantine/core";
import type { Endpoint } from "@massif/api";
import { useQuery } from "@tanstack/react-query";
import { DataTable, type TableColumn } from "../../parts/data-table.tsx";
import { moment } from "../../parts/figures.ts";
import { ButtonLink, TextLink } from "../../parts/links.tsx";
import { Empty, Loaded, Page } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { useSession } from "../../session/session.tsx";

export function EndpointList() {
  const { client, may } = useSession();
  const query = useQuery({ queryKey: ["endpoints"], queryFn: ({ signal }) => client.listEndpoints({ signal }) });
  return (
    <Page
      title="Endpoints"
      note="A model version behind an address that programs can ask."
      actions={may("member") && <ButtonLink to="/endpoints/new">Deploy</ButtonLink>}
    >
      <Loaded query={query}>
        {(all) =>
          all.length > 0 ? (
            <DataTable label="Endpoints" columns={COLUMNS} rows={all} id={({ name }) => name} />
          ) : (
            <Empty title="No endpoints yet">
              Choose a version under <TextLink to="/models">Models</TextLink> and press “Deploy”.
            </Empty>
          )
        }
      </Loaded>
    </Page>
  );
}

// Internal

const COLUMNS: readonly TableColumn<Endpoint>[] = [
  { head: "Endpoint", cell: ({ name }) => <TextLink to={`/endpoints/${name}`}>{name}</TextLink> },
  { head: "Status", cell: ({ status }) => <Status of={status} /> },
  { head: "Model", cell: ({ model, version }) => `${model} v${version}` },
  { head: "Runs in", cell: ({ placement }) => PLACES[placement] },
  { head: "Address", cell: ({ path }) => <Code>{path}</Code> },
  { head: "Changed", cell: ({ updatedAt }) => moment(updatedAt) },
];

/** Where predictions are computed, in words. */
export const PLACES: Readonly<Record<Endpoint["placement"], string>> = {
  inline: "the gateway",
  worker: "threads",
  process: "processes",
};
