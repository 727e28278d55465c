// An error in full: code, what happened, what to do, and the id to find it by in the log.
import { Alert, Code, List, Text } from "@mantine/core";
import { failureOf } from "../session/failures.ts";

export function Failure({ error }: { readonly error: unknown }) {
  const { code, message, cure, details, requestId } = failureOf(error);
  return (
    <Alert color="red" title={code} role="alert" variant="light">
      <Text size="sm">{message}</Text>
      {details.length > 1 && (
        <List size="sm">
          {details.map(({ field, problem }) => (
            <List.Item key={`${field}:${problem}`}>
              <Code>{field}</Code>: {problem}
            </List.Item>
          ))}
        </List>
      )}
      <Text size="sm" mt={4}>
        {cure}
      </Text>
      {requestId !== undefined && (
        <Text size="xs" c="dimmed" mt={4}>
          Request {requestId}
        </Text>
      )}
    </Alert>
  );
}

/** A failure that was stored with a run or an import: code and message, without a request. */
export function StoredFailure({ code, message }: { readonly code: string; readonly message: string }) {
  return (
    <Alert color="red" title={code} variant="light">
      <Text size="sm">{message}</Text>
    </Alert>
  );
}
