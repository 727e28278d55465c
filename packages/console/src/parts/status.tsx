// A status in a word and a colour.
import { Badge } from "@mantine/core";

const COLOURS: Readonly<Record<string, string>> = {
  succeeded: "green",
  ready: "green",
  finished: "green",
  complete: "green",
  running: "blue",
  importing: "blue",
  queued: "gray",
  waiting: "gray",
  failed: "red",
  cancelled: "gray",
  stopped: "gray",
  pruned: "gray",
};

export function Status({ of }: { readonly of: string }) {
  return (
    <Badge color={COLOURS[of] ?? "gray"} variant="light" radius="sm" tt="none" miw="max-content">
      {of}
    </Badge>
  );
}
