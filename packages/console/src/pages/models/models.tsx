// The registry: models, their versions and aliases.

import { Button, Card, Group, NumberInput, Stack, Text, TextInput, Title } from "@mantine/core";
import type { Model } from "@massif/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Failure } from "../../parts/failure.tsx";
import { TextLink } from "../../parts/links.tsx";
import { Empty, Loaded, Page } from "../../parts/page.tsx";
import { useSession } from "../../session/session.tsx";
import { VersionTable } from "./version-table.tsx";

export function Models() {
  const { client } = useSession();
  const query = useQuery({ queryKey: ["models"], queryFn: ({ signal }) => client.listModels({ signal }) });
  return (
    <Page title="Models" note="Versions never change; an alias such as “production” points at one and can be moved.">
      <Loaded query={query}>
        {(all) =>
          all.length > 0 ? (
            <Stack>
              {all.map((model) => (
                <ModelCard key={model.name} model={model} />
              ))}
            </Stack>
          ) : (
            <Empty title="No models yet">
              Open a <TextLink to="/comparisons">comparison</TextLink> or a <TextLink to="/runs">run</TextLink> that
              succeeded and press “Register model”.
            </Empty>
          )
        }
      </Loaded>
    </Page>
  );
}

// Internal

function ModelCard({ model }: { readonly model: Model }) {
  const { may } = useSession();
  return (
    <Card withBorder component="section" aria-label={model.name}>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {model.name}
        </Title>
        {model.versions.length === 0 ? (
          <Text c="dimmed">no version yet</Text>
        ) : (
          <VersionTable versions={model.versions} />
        )}
        {may("member") && model.versions.length > 0 && <AliasForm model={model} />}
      </Stack>
    </Card>
  );
}

function AliasForm({ model: { name, versions } }: { readonly model: Model }) {
  const { client } = useSession();
  const queries = useQueryClient();
  const newest = Math.max(...versions.map(({ version }) => version));
  const [alias, setAlias] = useState("");
  const [version, setVersion] = useState(newest);
  const point = useMutation({
    mutationFn: () => client.setAlias({ params: { name, alias: alias.trim() }, body: { version } }),
    onSuccess: () => {
      setAlias("");
      return queries.invalidateQueries({ queryKey: ["models"] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    point.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs">
        <TextInput
          size="xs"
          label="Alias"
          placeholder="production"
          value={alias}
          onChange={(event) => setAlias(event.currentTarget.value)}
        />
        <NumberInput
          size="xs"
          w={90}
          label="Version"
          min={1}
          max={newest}
          value={version}
          onChange={(value) => setVersion(Number(value))}
        />
        <Button size="xs" variant="default" type="submit" loading={point.isPending} disabled={alias.trim() === ""}>
          Point alias
        </Button>
      </Group>
      {point.error !== null && <Failure error={point.error} />}
    </form>
  );
}
