// How an endpoint serves, as text: its variants and replicas, the last minutes of traffic, its settings.
import type { Endpoint, EndpointTraffic, TrafficPoint, Variant } from "@massif/api";
import { count, duration, figure } from "./figures.ts";
import type { Session } from "./session.ts";
import { facts, table } from "./table.ts";

/** Variants as `prices@1 90 %, prices@2 10 %`. */
export function variantWords(variants: readonly Variant[]): string {
  return variants.map(({ model, version, weight }) => `${model}@${version} ${weight} %`).join(", ");
}

/** What a command that changed an endpoint's traffic answers. */
export function trafficText({ name, variants, previous }: Endpoint, session: Session): string {
  return facts(
    [
      ["endpoint", session.colours.bold(name)],
      ["traffic", variantWords(variants)],
      ["before", previous === null ? "–" : `${variantWords(previous)} (\`massif endpoints rollback ${name}\`)`],
    ],
    session,
  );
}

/** The settings of an endpoint. */
export function policyText({ name, policy }: Endpoint, session: Session): string {
  const settings = Object.entries(policy).map(([setting, value]) => {
    const shown = value === null ? "none" : Array.isArray(value) ? value.join(", ") || "none" : String(value);
    return [setting, shown] as const;
  });
  return facts([["endpoint", session.colours.bold(name)], ...settings], session);
}

/** Replicas now and the traffic of the last ten minutes. */
export function servingText({ now, points, bucketSeconds }: EndpointTraffic, session: Session): string {
  const variants = table(
    [
      { head: "variant" },
      { head: "weight", number: true },
      { head: "placement" },
      { head: "replicas", number: true },
      { head: "wanted", number: true },
      { head: "in flight", number: true },
      { head: "queued", number: true },
      { head: "why", max: 70 },
    ],
    now.variants.map((one) => [
      `${one.model}@${one.version}`,
      `${one.weight} %`,
      one.placement,
      String(one.ready),
      one.placement === "inline" ? "1" : String(one.desired),
      String(one.inFlight),
      String(one.queued),
      one.placement === "inline" ? "one in the server's process is enough for any load" : one.reason,
    ]),
    { session, none: "no replica is loaded in this server" },
  );
  return [variants, "", summary(points.slice(-600 / bucketSeconds), now, session)].join("\n");
}

// Internal

function summary(points: readonly TrafficPoint[], now: EndpointTraffic["now"], session: Session): string {
  const sum = (of: (point: TrafficPoint) => number) => points.reduce((total, point) => total + of(point), 0);
  const busy = points.findLast(({ requests }) => requests > 0);
  const millis = (value: number | null | undefined) =>
    value === null || value === undefined ? "–" : duration(value / 1000);
  const batched = points.filter(({ batchRequests }) => batchRequests !== null);
  const mean = batched.reduce((total, { batchRequests }) => total + (batchRequests ?? 0), 0) / batched.length;
  return facts(
    [
      [
        "last 10 min",
        `${count(sum(({ requests }) => requests))} requests, ${count(sum(({ rows }) => rows))} rows, ${count(sum(({ errors }) => errors))} errors`,
      ],
      [
        "latency",
        busy === undefined ? "–" : `p50 ${millis(busy.p50)}, p95 ${millis(busy.p95)}, p99 ${millis(busy.p99)}`,
      ],
      ["batches", batched.length === 0 ? "–" : `${figure(mean, 3)} requests together on average`],
      [
        "cold starts",
        `${count(now.coldStarts)}${now.lastColdStartSeconds === null ? "" : `, the last took ${duration(now.lastColdStartSeconds)}`}`,
      ],
    ],
    session,
  );
}
