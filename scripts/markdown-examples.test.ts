import { expect, test } from "vitest";
import { examplesOf } from "./markdown-examples.ts";
import { shellWords } from "./shell-words.ts";

test("commands of sh blocks and whole ts blocks are examples, with their lines", () => {
  const page = [
    "text",
    "```sh",
    "npm ci",
    "npx massif data list",
    "npx massif predict x \\",
    "  --row '{}'",
    "```",
    "```ts",
    "a();",
    "b();",
    "```",
  ];
  expect(examplesOf(page.join("\n"))).toEqual([
    { kind: "command", line: 4, text: "data list" },
    { kind: "command", line: 5, text: "predict x   --row '{}'" },
    { kind: "program", line: 9, text: "a();\nb();" },
  ]);
});

test("quotes keep words together", () => {
  expect(shellWords(`data sql "SELECT 'a b' FROM x" --json`)).toEqual(["data", "sql", "SELECT 'a b' FROM x", "--json"]);
  expect(shellWords(`predict iris --row '{"a": 1}'`)).toEqual(["predict", "iris", "--row", '{"a": 1}']);
});
