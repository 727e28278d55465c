// docs/reference/errors.md, from the error table.
import { ERRORS } from "@massif/api";

/** The page as Markdown. */
export function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, exit, doc, cure }]) => `| \`${code}\` | ${status} | ${exit} | ${doc} | ${cure} |`,
  );
  return [
    "# Errors",
    "",
    "<!-- Generated from packages/api/src/errors.ts by `npm run generate`. -->",
    "",
    "Every refused request answers with one JSON object: `{ error: { code, message, cure, details?, retryAfter?, requestId } }`.",
    "The command line prints `error CODE: message` and the cure, and exits with the code below. 130 means Ctrl-C.",
    "",
    "| code | HTTP status | exit code | when | what to do |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
