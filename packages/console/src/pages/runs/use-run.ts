// A run as it stands and as it goes on: its state by asking, its losses by the event stream.
import type { Run, RunEvent } from "@massif/api";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useSession } from "../../session/session.tsx";
import { isOver } from "./run-status.ts";

export interface LiveProgress {
  readonly stage: string;
  readonly step?: number;
  readonly total?: number;
  readonly unit?: string;
}

/** The run, its losses so far, and where it stands. */
export function useRun(id: string) {
  const { client } = useSession();
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: ["run", id],
    queryFn: ({ signal }) => client.getRun({ params: { id }, signal }),
  });
  const [losses, setLosses] = useState<Run["history"]>([]);
  const [progress, setProgress] = useState<LiveProgress>();
  const over = query.data !== undefined && isOver(query.data.status);
  const known = query.data !== undefined;
  useEffect(() => {
    if (!known || over) return;
    const stop = new AbortController();
    const told = new Map<number, Run["history"][number]>();
    let waiting: number | undefined;
    const tell = (event: RunEvent) => {
      if (event.type === "progress") {
        note(event, told);
        setProgress(progressOf(event));
        // Events come faster than a chart can be drawn.
        waiting ??= window.setTimeout(() => {
          waiting = undefined;
          setLosses([...told.values()]);
        }, REDRAW_MS);
      } else void queries.invalidateQueries({ queryKey: ["run", id] });
    };
    void follow({
      open: (after) => client.watchRun({ params: { id }, query: { after }, signal: stop.signal }),
      tell,
      stop,
    });
    return () => {
      stop.abort();
      window.clearTimeout(waiting);
    };
  }, [client, queries, id, known, over]);
  const history = over && (query.data?.history.length ?? 0) > 0 ? (query.data?.history ?? []) : losses;
  return { query, history, progress: over ? undefined : progress };
}

// Internal

const REDRAW_MS = 150;
const RECONNECT_MS = 1000;

interface Following {
  readonly open: (after: number) => AsyncIterable<RunEvent>;
  readonly tell: (event: RunEvent) => void;
  readonly stop: AbortController;
}

/** Reads the stream to its end; one that breaks is opened again where it stopped. */
async function follow({ open, tell, stop }: Following): Promise<void> {
  let after = 0;
  while (!stop.signal.aborted) {
    try {
      for await (const event of open(after)) {
        after = event.seq;
        tell(event);
        if (event.type === "succeeded" || event.type === "failed" || event.type === "cancelled") return;
      }
    } catch {
      if (stop.signal.aborted) return;
    }
    await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
  }
}

function note({ data }: RunEvent, told: Map<number, Run["history"][number]>): void {
  const { stage, step, loss, validationLoss } = data;
  if (stage !== "fit" || typeof step !== "number" || typeof loss !== "number") return;
  told.set(step, { step, loss, ...(typeof validationLoss === "number" ? { validationLoss } : {}) });
}

function progressOf({ data: { stage, step, total, unit } }: RunEvent): LiveProgress {
  return {
    stage: typeof stage === "string" ? stage : "",
    step: typeof step === "number" ? step : undefined,
    total: typeof total === "number" ? total : undefined,
    unit: typeof unit === "string" ? unit : undefined,
  };
}
