// Putting a model version behind an endpoint.
import { Button, Group, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { Failure } from "../../parts/failure.tsx";
import { TextLink } from "../../parts/links.tsx";
import { Empty, Loaded, Page } from "../../parts/page.tsx";
import { useSession } from "../../session/session.tsx";

interface DeployFormProps {
  readonly model: string | undefined;
  readonly version: number | undefined;
}

export function DeployForm(given: DeployFormProps) {
  const { client } = useSession();
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const models = useQuery({ queryKey: ["models"], queryFn: ({ signal }) => client.listModels({ signal }) });
  const [model, setModel] = useState(given.model ?? null);
  const [version, setVersion] = useState(given.version);
  const [name, setName] = useState(given.model ?? "");
  const [weight, setWeight] = useState(100);
  const deploy = useMutation({
    mutationFn: () =>
      client.deploy({
        params: { name: name.trim() },
        body: { model: model ?? "", version, ...(weight < 100 ? { weight } : {}) },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["endpoints"] });
      await queries.invalidateQueries({ queryKey: ["endpoint", name.trim()] });
      navigate(`/endpoints/${name.trim()}`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    deploy.mutate();
  };
  return (
    <Page title="Deploy" note="An endpoint that exists already changes over without losing a request.">
      <Loaded query={models}>
        {(all) =>
          all.length === 0 ? (
            <Empty title="No models yet">
              Register one from a <TextLink to="/comparisons">comparison</TextLink> first.
            </Empty>
          ) : (
            <form onSubmit={submit}>
              <Stack maw={420}>
                <Select
                  label="Model"
                  data={all.map((one) => one.name)}
                  value={model}
                  onChange={(next) => {
                    setModel(next);
                    setVersion(undefined);
                    if (name === "" || name === model) setName(next ?? "");
                  }}
                  withAsterisk
                />
                <Select
                  label="Version"
                  placeholder="the newest"
                  data={versionsOf(all.find((one) => one.name === model)?.versions ?? [])}
                  value={version === undefined ? null : String(version)}
                  onChange={(next) => setVersion(next === null ? undefined : Number(next))}
                  clearable
                />
                <TextInput
                  label="Endpoint"
                  description="part of its address"
                  value={name}
                  onChange={(event) => setName(event.currentTarget.value)}
                  withAsterisk
                />
                <NumberInput
                  label="Share of the traffic"
                  description="less than 100% keeps the versions that are there beside it"
                  value={weight}
                  min={1}
                  max={100}
                  suffix="%"
                  onChange={(value) => setWeight(Number(value))}
                />
                {deploy.error !== null && <Failure error={deploy.error} />}
                <Group>
                  <Button type="submit" loading={deploy.isPending} disabled={model === null || name.trim() === ""}>
                    Deploy
                  </Button>
                </Group>
              </Stack>
            </form>
          )
        }
      </Loaded>
    </Page>
  );
}

// Internal

function versionsOf(versions: readonly { readonly version: number; readonly estimator: string }[]) {
  return [...versions]
    .sort((a, b) => b.version - a.version)
    .map(({ version, estimator }) => ({ value: String(version), label: `${version} (${estimator})` }));
}
