// A chart with its title, the picture for the width there is, and one sentence on how to read it.

import { Text, Title, useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { type Look, type MountedChart, mountChart } from "@massif/charts";
import { useEffect, useRef } from "react";

export interface ChartProps {
  readonly title: string;
  /** How to read it, in one sentence; also read to those who do not see it. */
  readonly how: string;
  readonly draw: (look: Look) => Parameters<MountedChart["draw"]>[0];
  /** Pixels. Default 320. */
  readonly height?: number;
}

export function Chart({ title, how, draw, height = 320 }: ChartProps) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const theme = useComputedColorScheme("light");
  const mounted = useRef<MountedChart>(undefined);
  const inner = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (inner.current === null) return;
    mounted.current = mountChart(inner.current);
    return () => mounted.current?.dispose();
  }, []);
  useEffect(() => {
    if (width < LEAST_WIDTH) return;
    const look: Look = { theme, width, titled: false };
    mounted.current?.draw(draw(look), look, height);
  }, [draw, theme, width, height]);
  return (
    <figure>
      <Title order={3} size="h5">
        {title}
      </Title>
      <div ref={ref} className="chart" role="img" aria-label={`${title}. ${how}`}>
        <div ref={inner} style={{ height }} />
      </div>
      <Text component="figcaption" size="xs" c="dimmed">
        {how}
      </Text>
    </figure>
  );
}

// Internal

/** Before the page is laid out there is no room to draw in. */
const LEAST_WIDTH = 50;
