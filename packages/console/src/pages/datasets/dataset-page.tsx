// One data set: what its columns are, how their values are spread, and its rows by SQL.

import { Alert, List, Loader } from "@mantine/core";
import type { DatasetVersion } from "@massif/api";
import { useQuery } from "@tanstack/react-query";
import { StoredFailure } from "../../parts/failure.tsx";
import { bytes, figure } from "../../parts/figures.ts";
import { ButtonLink } from "../../parts/links.tsx";
import { Loaded, Page, Section } from "../../parts/page.tsx";
import { useSession } from "../../session/session.tsx";
import { ColumnTable } from "./column-table.tsx";
import { Distributions } from "./distributions.tsx";
import { RowsBySql } from "./rows-by-sql.tsx";

export function DatasetPage({ name }: { readonly name: string }) {
  const { client, may } = useSession();
  const query = useQuery({
    queryKey: ["dataset", name],
    queryFn: ({ signal }) => client.getDataset({ params: { name }, signal }),
    refetchInterval: ({ state }) => (state.data?.status === "importing" ? 500 : false),
  });
  const ready = query.data?.status === "ready";
  return (
    <Page
      title={name}
      note={query.data && noteOf(query.data)}
      actions={
        ready &&
        may("member") && (
          <>
            <ButtonLink to={`/comparisons/new/${name}`}>Compare algorithms</ButtonLink>
            <ButtonLink to={`/runs/new/${name}`} variant="default">
              Train one
            </ButtonLink>
          </>
        )
      }
    >
      <Loaded query={query}>{(version) => <Profile version={version} />}</Loaded>
    </Page>
  );
}

// Internal

function noteOf({ version, rows, columns, bytes: size, source }: DatasetVersion): string {
  const parts = [`version ${version}`, `from ${source}`];
  if (rows !== null) parts.push(`${figure(rows)} rows`, `${columns?.length ?? 0} columns`, bytes(size));
  return parts.join(" · ");
}

function Profile({ version }: { readonly version: DatasetVersion }) {
  const { dataset, status, error, columns, profile, warnings, suggestedTarget } = version;
  if (status === "importing") return <Loader size="sm" aria-label="Importing" />;
  if (error !== null) return <StoredFailure {...error} />;
  if (columns === null || profile === null) return null;
  return (
    <>
      {warnings.length > 0 && (
        <Alert color="yellow" title="Worth a look" variant="light">
          <List size="sm">
            {warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Section title="Columns" note="How each column was read. Identifiers and constants are left out of training.">
        <ColumnTable columns={columns} profile={profile} target={suggestedTarget} />
      </Section>
      <Section title="Distributions">
        <Distributions profile={profile} />
      </Section>
      <Section title="Rows" note="One SELECT over your data sets; each is a table by its name.">
        <RowsBySql dataset={dataset} />
      </Section>
    </>
  );
}
