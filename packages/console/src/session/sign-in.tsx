// The way in: an API key, pasted.

import { Button, Card, Center, Code, PasswordInput, Stack, Text, Title } from "@mantine/core";
import type { ApiError, Key } from "@massif/api";
import { type FormEvent, useState } from "react";
import { Failure } from "../parts/failure.tsx";

interface SignInProps {
  readonly onKey: (key: string) => void;
  readonly busy: boolean;
  readonly failure: ApiError | undefined;
  /** A key that is good, but not for looking at anything. */
  readonly tooNarrow: Key | undefined;
}

export function SignIn({ onKey, busy, failure, tooNarrow }: SignInProps) {
  const [text, setText] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== "") onKey(text.trim());
  };
  return (
    <Center component="main" mih="100vh" p="md">
      <Card withBorder w="100%" maw={460} padding="xl">
        <form onSubmit={submit}>
          <Stack>
            <Title order={1} size="h2">
              Massif
            </Title>
            <Text c="dimmed">Sign in with an API key. It stays in this tab and is forgotten when the tab closes.</Text>
            <PasswordInput
              label="API key"
              placeholder="msf_…"
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              autoFocus
              autoComplete="off"
            />
            {failure !== undefined && <Failure error={failure} />}
            {tooNarrow !== undefined && (
              <Text c="red" role="alert">
                The key “{tooNarrow.name}” has the role {tooNarrow.role}, which may only call endpoints. The console
                needs a key with the role viewer or more.
              </Text>
            )}
            <Button type="submit" loading={busy} disabled={text.trim() === ""}>
              Sign in
            </Button>
            <Text size="sm" c="dimmed">
              The first start of <Code>massif up</Code> shows the admin key and a link that signs in by itself;{" "}
              <Code>massif keys create</Code> makes further ones.
            </Text>
          </Stack>
        </form>
      </Card>
    </Center>
  );
}
