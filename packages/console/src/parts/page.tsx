// The frame of every page: title, what can be done here, and one place for what is loading, missing or broken.
import { Card, Group, Loader, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useEffect } from "react";
import { Failure } from "./failure.tsx";

interface PageProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, note, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Massif`;
  }, [title]);
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div>
          <Title order={1} size="h2">
            {title}
          </Title>
          {note !== undefined && (
            <Text c="dimmed" size="sm" component="div">
              {note}
            </Text>
          )}
        </div>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

interface SectionProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page with a heading of its own. */
export function Section({ title, note, children }: SectionProps) {
  return (
    <Stack component="section" gap="sm" aria-label={title}>
      <div>
        <Title order={2} size="h4">
          {title}
        </Title>
        {note !== undefined && (
          <Text c="dimmed" size="sm">
            {note}
          </Text>
        )}
      </div>
      {children}
    </Stack>
  );
}

interface Asked<T> {
  readonly data: T | undefined;
  readonly error: unknown;
}

/** Shows what was asked for once it is there; before, that it is coming; instead, why it does not. */
export function Loaded<T>({
  query: { data, error },
  children,
}: {
  readonly query: Asked<T>;
  readonly children: (data: T) => ReactNode;
}) {
  if (data !== undefined) return <>{children(data)}</>;
  return error == null ? <Loader size="sm" aria-label="Loading" /> : <Failure error={error} />;
}

/** Says that there is nothing yet, and what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Card withBorder padding="lg">
      <Stack gap="xs" align="flex-start">
        <Text fw={600}>{title}</Text>
        <Text c="dimmed" component="div">
          {children}
        </Text>
      </Stack>
    </Card>
  );
}
