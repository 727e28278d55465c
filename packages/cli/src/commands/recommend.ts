// `massif recommend`: the best items for a user.
import type { RecommendResponse } from "@massif/api";
import type { Command } from "commander";
import { addCommand, wholeNumber } from "../command.ts";
import { connect } from "../connection.ts";
import { figure, money } from "../figures.ts";
import type { Session } from "../session.ts";
import { table } from "../table.ts";

interface RecommendOptions {
  readonly user: string;
  readonly k: number;
  readonly withSeen?: true;
}

export function addRecommend(program: Command, session: Session): void {
  addCommand(program, "recommend <endpoint>", {
    summary: "recommend items to a user",
    description: "The best items for a user, from a model of the estimator MatrixFactorization, best first.",
    examples: [
      ["massif recommend tools --user fastify", "ten items that the user does not have yet"],
      ["massif recommend films --user 42 --k 3 --with-seen", "the three best, known ones included"],
    ],
  })
    .requiredOption("--user <user>", "as the model's column of users has it")
    .option("--k <items>", "how many items at most", wholeNumber(1, 1000), 10)
    .option("--with-seen", "also what the user has in the training rows")
    .action(async (name: string, { user, k, withSeen }: RecommendOptions) => {
      const { client } = await connect(session);
      const body = { user, k, excludeSeen: withSeen !== true };
      const answer = await client.recommend({ params: { name }, body, signal: session.signal });
      session.answer(answer, () => answerText(answer, session));
    });
}

// Internal

function answerText({ user, known, items, model, cost }: RecommendResponse, session: Session): string {
  const rows = items.map(({ item, score }, i) => [String(i + 1), String(item), figure(score, 4)]);
  const lines = [
    table([{ head: "", number: true }, { head: "item" }, { head: "score", number: true }], rows, {
      session,
      none: `${user} has every item already; \`--with-seen\` shows the best of them`,
    }),
  ];
  if (!known) lines.push(`${user} is not among the training rows: these are the best for users at large`);
  lines.push(session.colours.dim(`${model.name} version ${model.version}, cost ${money(cost)}`));
  return lines.join("\n");
}
