// What a prediction was, what it cost, how long it took, and under which id it is found in the log.

import { Card, Code, Group, Progress, Stack, Text } from "@mantine/core";
import type { PredictionValue, PredictResponse } from "@massif/api";
import { duration, figure, money } from "../../parts/figures.ts";

interface AnswerProps {
  readonly answer: PredictResponse;
  /** From the click to the answer, the network included. */
  readonly ms: number;
  readonly target: string;
}

export function Answer({ answer, ms, target }: AnswerProps) {
  return (
    <Card withBorder role="status" aria-label="Prediction">
      <Stack gap="xs">
        {"predictions" in answer ? (
          <Prediction value={answer.predictions[0]} target={target} />
        ) : (
          <Code block mah={300} style={{ overflow: "auto" }}>
            {JSON.stringify(answer.outputs, null, 1)}
          </Code>
        )}
        <Group gap="lg">
          <Fact name="Cost" value={money(answer.cost)} />
          <Fact name="Time" value={duration(ms / 1000)} />
          <Fact name="Model" value={`${answer.model.name} v${answer.model.version}`} />
          <Fact name="Request" value={answer.requestId} />
        </Group>
      </Stack>
    </Card>
  );
}

// Internal

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {value}
      </Text>
    </div>
  );
}

function Prediction({ value, target }: { readonly value: PredictionValue; readonly target: string }) {
  if (typeof value === "number") return <Big name={target} value={figure(value)} />;
  if ("score" in value) {
    return <Big name={value.outlier ? "score: an outlier" : "score: no outlier"} value={figure(value.score)} />;
  }
  if ("cluster" in value) return <Big name="cluster" value={String(value.cluster)} />;
  const likely = Object.entries(value.probabilities).sort(([, a], [, b]) => b - a);
  return (
    <>
      <Big name={target} value={value.class} />
      <Stack gap={4} maw={420}>
        {likely.slice(0, MOST_CLASSES).map(([name, probability]) => (
          <div key={name}>
            <Group justify="space-between" gap="xs">
              <Text size="xs">{name}</Text>
              <Text size="xs">{(100 * probability).toFixed(1)}%</Text>
            </Group>
            <Progress value={100 * probability} size="sm" aria-label={`Probability of ${name}`} />
          </div>
        ))}
      </Stack>
    </>
  );
}

const MOST_CLASSES = 6;

function Big({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <Text fz="xl" fw={600}>
      <Text span c="dimmed" fz="sm" fw={400}>
        {name}{" "}
      </Text>
      {value}
    </Text>
  );
}
