// `massif keys`: API keys. A secret is shown once, when the key is made.
import { type Key, ROLES } from "@massif/api";
import type { Command } from "commander";
import { addCommand, addGroup, oneOf } from "../command.ts";
import { connect } from "../connection.ts";
import { count, figure, moment } from "../figures.ts";
import { amountOrNone, requestsOrNone } from "../money-options.ts";
import type { Session } from "../session.ts";
import { facts, table } from "../table.ts";

export function addKeys(program: Command, session: Session): void {
  const keys = addGroup(program, "keys", "make, list and revoke API keys");
  addCreate(keys, session);
  addList(keys, session);
  addLimit(keys, session);
  addRevoke(keys, session);
}

// Internal

interface CreateOptions {
  readonly role: (typeof ROLES)[number];
  readonly budget: number | null;
  readonly perMinute: number | null;
}

function addCreate(keys: Command, session: Session): void {
  addCommand(keys, "create <name>", {
    summary: "make a key; its secret is shown this once",
    description: `Makes a key with one of the roles ${ROLES.join(", ")}: each may do what the next one may.`,
    examples: [
      ["massif keys create web-shop --role predict", "a key that may only call endpoints"],
      ["massif keys create demo --role predict --budget 5 --per-minute 600", "with a monthly budget and a rate limit"],
      ["massif keys create ci --json | jq -r .secret", "the secret alone"],
    ],
  })
    .option("--role <role>", `one of ${ROLES.join(", ")}`, oneOf(ROLES), "member")
    .option("--budget <amount>", "most it may spend in a month", amountOrNone, null)
    .option("--per-minute <n>", "most requests in any minute", requestsOrNone, null)
    .action(async (name: string, { role, budget, perMinute }: CreateOptions) => {
      const { client } = await connect(session);
      const key = await client.createKey({
        body: { name, role, monthlyBudget: budget, requestsPerMinute: perMinute },
        signal: session.signal,
      });
      session.answer(key, () =>
        [
          facts(
            [
              ["id", key.id],
              ["role", key.role],
              ["secret", session.colours.bold(key.secret)],
            ],
            session,
          ),
          session.colours.yellow("Keep the secret now: it is stored only as a hash and not shown again."),
        ].join("\n"),
      );
    });
}

function addList(keys: Command, session: Session): void {
  addCommand(keys, "list", {
    summary: "list all keys, without their secrets",
    examples: [["massif keys list", "all keys"]],
  }).action(async () => {
    const { client } = await connect(session);
    const all = await client.listKeys({ signal: session.signal });
    session.answer(all, () => keyTable(all, session));
  });
}

function addLimit(keys: Command, session: Session): void {
  addCommand(keys, "limit <id>", {
    summary: "limit what a key may spend in a month and how often it may ask",
    examples: [
      ["massif keys limit key_01H8 --per-minute 600", "at most 600 requests in any minute"],
      ["massif keys limit key_01H8 --budget 5 --per-minute none", "5 a month, as often as it likes"],
    ],
  })
    .option("--budget <amount>", "most it may spend in a month; `none` lifts the limit", amountOrNone)
    .option("--per-minute <n>", "most requests in any minute; `none` lifts the limit", requestsOrNone)
    .action(async (id: string, { budget, perMinute }: Partial<CreateOptions>) => {
      const { client } = await connect(session);
      const body = { monthlyBudget: budget, requestsPerMinute: perMinute };
      const key = await client.setKeyLimits({ params: { id }, body, signal: session.signal });
      session.answer(key, () => keyTable([key], session));
    });
}

function addRevoke(keys: Command, session: Session): void {
  addCommand(keys, "revoke <id>", {
    summary: "revoke a key at once",
    examples: [["massif keys revoke key_01h8", "by the id that `keys list` shows"]],
  }).action(async (id: string) => {
    const { client } = await connect(session);
    const key = await client.revokeKey({ params: { id }, signal: session.signal });
    session.answer(key, () => `revoked ${key.name} (${key.id})`);
  });
}

function keyTable(keys: readonly Key[], session: Session): string {
  return table(
    [
      { head: "id" },
      { head: "name" },
      { head: "role" },
      { head: "begins" },
      { head: "made" },
      { head: "last used" },
      { head: "budget", number: true },
      { head: "a minute", number: true },
      { head: "state" },
    ],
    keys.map((key) => [
      key.id,
      key.name,
      key.role,
      key.prefix,
      moment(key.createdAt),
      moment(key.lastUsedAt),
      key.monthlyBudget === null ? "–" : figure(key.monthlyBudget),
      count(key.requestsPerMinute),
      key.revokedAt === null ? "active" : session.colours.dim(`revoked ${moment(key.revokedAt)}`),
    ]),
    { session, none: "no keys" },
  );
}
