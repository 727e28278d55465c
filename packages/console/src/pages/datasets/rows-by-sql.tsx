// Rows of data sets by a query: the first ones to begin with.
import { Button, Code, Group, Text, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { DataTable } from "../../parts/data-table.tsx";
import { duration } from "../../parts/figures.ts";
import { Loaded } from "../../parts/page.tsx";
import { useSession } from "../../session/session.tsx";

export function RowsBySql({ dataset }: { readonly dataset: string }) {
  const { client } = useSession();
  const first = `SELECT * FROM ${dataset.includes("-") ? `"${dataset}"` : dataset} LIMIT 20`;
  const [text, setText] = useState(first);
  const [asked, setAsked] = useState(first);
  const query = useQuery({
    queryKey: ["sql", asked],
    queryFn: ({ signal }) => client.sql({ body: { sql: asked, limit: MOST_ROWS }, signal }),
  });
  return (
    <>
      <Group align="flex-end" gap="xs">
        <Textarea
          aria-label="SQL"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autosize
          maxRows={8}
          flex={1}
          miw={200}
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        />
        <Button
          variant="default"
          loading={query.isFetching}
          onClick={() => (text === asked ? void query.refetch() : setAsked(text))}
        >
          Run
        </Button>
      </Group>
      <Loaded query={query}>
        {({ columns, rows, truncated, seconds }) => (
          <>
            <DataTable
              label="Rows"
              columns={columns.map(({ name }, i) => ({
                head: name,
                number: rows.some((row) => typeof row[i] === "number"),
                cell: ({ row }: { row: readonly unknown[] }) => valueText(row[i]),
              }))}
              rows={rows.map((row, place) => ({ row, place }))}
              id={({ place }) => String(place)}
            />
            <Text size="xs" c="dimmed">
              {rows.length} rows{truncated && ` (the first ${MOST_ROWS})`} in {duration(seconds)}
            </Text>
          </>
        )}
      </Loaded>
    </>
  );
}

// Internal

const MOST_ROWS = 200;

function valueText(value: unknown) {
  if (value === null) return <Code>null</Code>;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
