// A table that scrolls sideways by itself when the page is narrow.
import { Table } from "@mantine/core";
import type { ReactNode } from "react";

export interface TableColumn<T> {
  readonly head: string;
  /** Numbers are set flush right. */
  readonly number?: boolean;
  readonly cell: (row: T) => ReactNode;
}

interface DataTableProps<T> {
  readonly label: string;
  readonly columns: readonly TableColumn<T>[];
  readonly rows: readonly T[];
  readonly id: (row: T) => string;
}

export function DataTable<T>({ label, columns, rows, id }: DataTableProps<T>) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="scroll" aria-label={label} tabIndex={0}>
      <Table verticalSpacing="xs" highlightOnHover aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ head, number }) => (
              <Table.Th key={head} className={number ? "number" : undefined} style={{ whiteSpace: "nowrap" }}>
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={id(row)}>
              {columns.map(({ head, number, cell }) => (
                <Table.Td key={head} className={number ? "number" : undefined}>
                  {cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
