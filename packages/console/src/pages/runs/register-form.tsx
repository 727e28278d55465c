// Putting a run's model into the registry, and from there behind an endpoint.
import { Button, Group, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Failure } from "../../parts/failure.tsx";
import { ButtonLink } from "../../parts/links.tsx";
import { useSession } from "../../session/session.tsx";

interface RegisterFormProps {
  readonly run: string;
  /** A name for the model. */
  readonly suggested: string;
}

export function RegisterForm({ run, suggested }: RegisterFormProps) {
  const { client, may } = useSession();
  const queries = useQueryClient();
  const [name, setName] = useState(suggested);
  const register = useMutation({
    mutationFn: () => client.registerModel({ body: { name: name.trim(), run } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["models"] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    register.mutate();
  };
  if (!may("member")) return null;
  if (register.data !== undefined) {
    const { model, version } = register.data;
    return (
      <Group>
        <Text role="status">
          Registered as {model} version {version}.
        </Text>
        <ButtonLink to={`/endpoints/new/${model}/${version}`}>Deploy it</ButtonLink>
      </Group>
    );
  }
  return (
    <form onSubmit={submit}>
      <Group align="flex-end">
        <TextInput label="Model name" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit" loading={register.isPending}>
          Register model
        </Button>
      </Group>
      {register.error !== null && <Failure error={register.error} />}
    </form>
  );
}
