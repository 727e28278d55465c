// One endpoint: try it, call it from a program, and see what it has to do.

import { Anchor, Button, Code, CopyButton, Group, Stack, Text } from "@mantine/core";
import type { Endpoint } from "@massif/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Failure } from "../../parts/failure.tsx";
import { ButtonLink } from "../../parts/links.tsx";
import { Loaded, Page, Section } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { useSession } from "../../session/session.tsx";
import { PLACES } from "./endpoint-list.tsx";
import { Traffic } from "./traffic.tsx";
import { TryRow } from "./try-row.tsx";
import { TryTensors } from "./try-tensors.tsx";

export function EndpointPage({ name }: { readonly name: string }) {
  const { client } = useSession();
  const query = useQuery({
    queryKey: ["endpoint", name],
    queryFn: ({ signal }) => client.getEndpoint({ params: { name }, signal }),
  });
  const endpoint = query.data;
  return (
    <Page
      title={name}
      note={endpoint && <About endpoint={endpoint} />}
      actions={endpoint !== undefined && <Actions endpoint={endpoint} />}
    >
      <Loaded query={query}>
        {(found) => (
          <>
            {found.status === "running" && (
              <Section title="Try it" note="One row through the whole path; it is counted and paid for like any other.">
                {found.signature.task === "tensors" ? (
                  <TryTensors endpoint={found.name} signature={found.signature} />
                ) : (
                  <TryRow endpoint={found.name} signature={found.signature} />
                )}
              </Section>
            )}
            <Section title="Traffic" note="At this server, the last hour at most.">
              <Traffic endpoint={found.name} />
            </Section>
            <Snippet endpoint={found} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

// Internal

function About({ endpoint: { status, variants, placement, path } }: { readonly endpoint: Endpoint }) {
  return (
    <Group gap="xs">
      <Status of={status} />
      <span>
        {variants
          .map(({ model, version, weight }) => `${model} v${version}${variants.length > 1 ? ` (${weight}%)` : ""}`)
          .join(", ")}
        , in {PLACES[placement]}
      </span>
      <Code>{path}</Code>
    </Group>
  );
}

function Actions({ endpoint: { name, model, status, previous } }: { readonly endpoint: Endpoint }) {
  const { client, may } = useSession();
  const queries = useQueryClient();
  const onSettled = async () => {
    await queries.invalidateQueries({ queryKey: ["endpoint", name] });
    await queries.invalidateQueries({ queryKey: ["endpoints"] });
  };
  const stop = useMutation({ mutationFn: () => client.stopEndpoint({ params: { name } }), onSettled });
  const back = useMutation({ mutationFn: () => client.rollback({ params: { name } }), onSettled });
  const error = stop.error ?? back.error;
  if (!may("member")) return null;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <ButtonLink to={`/endpoints/new/${model}`} variant="default">
          Deploy another version
        </ButtonLink>
        {previous !== null && (
          <Button variant="default" loading={back.isPending} onClick={() => back.mutate()}>
            Roll back
          </Button>
        )}
        {status === "running" && (
          <Button variant="default" color="red" loading={stop.isPending} onClick={() => stop.mutate()}>
            Stop
          </Button>
        )}
      </Group>
      {error !== null && <Failure error={error} />}
    </Stack>
  );
}

function Snippet({ endpoint: { name } }: { readonly endpoint: Endpoint }) {
  const { client } = useSession();
  const query = useQuery({
    queryKey: ["endpoint-types", name],
    queryFn: ({ signal }) => client.getEndpointTypes({ params: { name }, signal }),
  });
  return (
    <Section title="From TypeScript" note="Types of the rows and a typed call; give it a key with the role predict.">
      <Loaded query={query}>
        {(text) => (
          <Stack gap="xs" align="flex-start">
            <CopyButton value={text}>
              {({ copied, copy }) => (
                <Button size="xs" variant="default" onClick={copy}>
                  {copied ? "Copied" : "Copy"}
                </Button>
              )}
            </CopyButton>
            <Code block w="100%" tabIndex={0} mah={420} style={{ overflow: "auto" }}>
              {text}
            </Code>
          </Stack>
        )}
      </Loaded>
      <Text size="sm" c="dimmed">
        Every route is described at{" "}
        <Anchor href="/docs" target="_blank" rel="noreferrer" inherit>
          /docs
        </Anchor>
        .
      </Text>
    </Section>
  );
}
