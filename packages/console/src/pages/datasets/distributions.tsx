// The spread of every column's values, a few at first.

import { Button, Group, SimpleGrid } from "@mantine/core";
import type { ColumnProfile } from "@massif/api";
import { columnDistribution, type Look } from "@massif/charts";
import { useCallback, useState } from "react";
import { Chart } from "../../parts/chart.tsx";

export function Distributions({ profile }: { readonly profile: readonly ColumnProfile[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? profile : profile.slice(0, FIRST);
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }} spacing="lg">
        {shown.map((column) => (
          <Distribution key={column.name} column={column} />
        ))}
      </SimpleGrid>
      {profile.length > FIRST && (
        <Group>
          <Button variant="subtle" onClick={() => setAll(!all)}>
            {all ? "Show fewer" : `Show all ${profile.length}`}
          </Button>
        </Group>
      )}
    </>
  );
}

// Internal

const FIRST = 6;

function Distribution({ column }: { readonly column: ColumnProfile }) {
  const draw = useCallback((look: Look) => columnDistribution(column, look), [column]);
  const how =
    column.histogram !== null
      ? "Each bar is a range of values; its height is the number of rows in it."
      : "The most frequent values, with the number of rows of each.";
  return <Chart title={column.name} how={how} draw={draw} height={220} />;
}
