// `massif endpoints`: what is being served.
import type { Endpoint, EndpointTraffic, RowSignature, Signature, TensorSignature } from "@massif/api";
import type { Command } from "commander";
import { addCommand, addGroup } from "../command.ts";
import { connect } from "../connection.ts";
import { predictLine } from "../example-row.ts";
import { moment } from "../figures.ts";
import { servingText, variantWords } from "../serving-view.ts";
import type { Session } from "../session.ts";
import { facts, table } from "../table.ts";
import { addEndpointTraffic } from "./endpoint-traffic.ts";

export function addEndpoints(program: Command, session: Session): void {
  const endpoints = addGroup(program, "endpoints", "list, show, share, roll back and stop endpoints");
  addCommand(endpoints, "list", {
    summary: "list all endpoints",
    examples: [["massif endpoints list", "all of them"]],
  }).action(async () => {
    const { client } = await connect(session);
    const all = await client.listEndpoints({ signal: session.signal });
    session.answer(all, () => endpointTable(all, session));
  });
  addCommand(endpoints, "show <name>", {
    summary: "show an endpoint: its traffic, replicas and input schema",
    examples: [["massif endpoints show diamonds", "traffic of the last minutes, columns and an example row"]],
  }).action(async (name: string) => {
    const { client, url } = await connect(session);
    const endpoint = await client.getEndpoint({ params: { name }, signal: session.signal });
    const traffic = await client.getEndpointTraffic({
      params: { name },
      query: { seconds: 600 },
      signal: session.signal,
    });
    session.answer({ ...endpoint, traffic }, () => endpointText({ endpoint, traffic, url }, session));
  });
  addCommand(endpoints, "stop <name>", {
    summary: "stop an endpoint",
    examples: [["massif endpoints stop diamonds", "calls are refused from now on"]],
  }).action(async (name: string) => {
    const { client } = await connect(session);
    const endpoint = await client.stopEndpoint({ params: { name }, signal: session.signal });
    session.answer(endpoint, () => `stopped ${endpoint.name}; \`massif deploy ${endpoint.model}\` starts it again`);
  });
  addEndpointTraffic(endpoints, session);
  addTypes(endpoints, session);
}

// Internal

function addTypes(endpoints: Command, session: Session): void {
  addCommand(endpoints, "types <name>", {
    summary: "print TypeScript types and a typed call",
    examples: [["massif endpoints types diamonds > diamonds.ts", "a module to import"]],
  }).action(async (name: string) => {
    const { client } = await connect(session);
    const source = await client.getEndpointTypes({ params: { name }, signal: session.signal });
    session.answer({ endpoint: name, source }, () => source.trimEnd());
  });
}

function endpointTable(endpoints: readonly Endpoint[], session: Session): string {
  return table(
    [
      { head: "endpoint" },
      { head: "status" },
      { head: "model" },
      { head: "version", number: true },
      { head: "task" },
      { head: "target" },
      { head: "placement" },
      { head: "updated" },
    ],
    endpoints.map((endpoint) => [
      endpoint.name,
      endpoint.status === "running" ? session.colours.green("running") : session.colours.dim("stopped"),
      endpoint.model,
      String(endpoint.version),
      endpoint.signature.task,
      endpoint.signature.task === "tensors" ? "" : endpoint.signature.target,
      endpoint.placement,
      moment(endpoint.updatedAt),
    ]),
    { session, none: "no endpoints yet: `massif deploy MODEL` makes the first" },
  );
}

interface Shown {
  readonly endpoint: Endpoint;
  readonly traffic: EndpointTraffic;
  readonly url: string;
}

function endpointText({ endpoint, traffic, url }: Shown, session: Session): string {
  const { signature } = endpoint;
  const inputs = signature.task === "tensors" ? tensorTable(signature, session) : columnTable(signature, session);
  return [
    facts(
      [
        ["endpoint", session.colours.bold(endpoint.name)],
        ["status", endpoint.status],
        ["url", new URL(endpoint.path, url).href],
        ["traffic", variantWords(endpoint.variants)],
        ["before", endpoint.previous === null ? "–" : variantWords(endpoint.previous)],
        ["predicts", predictsWords(signature)],
      ],
      session,
    ),
    "",
    servingText(traffic, session),
    "",
    inputs,
    "",
    predictLine(endpoint.name, signature),
  ].join("\n");
}

function predictsWords(signature: Signature): string {
  if (signature.task === "tensors") return "tensors";
  const classes = signature.classes === null ? "" : `: ${signature.classes.join(", ")}`;
  return `${signature.target} (${signature.task}${classes})`;
}

function columnTable({ inputs }: RowSignature, session: Session): string {
  return table(
    [{ head: "input" }, { head: "kind" }, { head: "categories", max: 60 }, { head: "example", max: 24 }],
    inputs.map(({ name, kind, categories, example }) => [
      name,
      kind,
      categories?.join(", ") ?? "",
      example === undefined || example === null ? "" : String(example),
    ]),
    { session },
  );
}

function tensorTable({ inputs, outputs }: TensorSignature, session: Session): string {
  const lines = (way: string, tensors: TensorSignature["inputs"]) =>
    tensors.map(({ name, datatype, shape }) => [way, name, datatype, `[${shape.join(", ")}]`]);
  return table(
    [{ head: "" }, { head: "tensor" }, { head: "datatype" }, { head: "shape (-1: any)" }],
    [...lines("in", inputs), ...lines("out", outputs)],
    { session },
  );
}
