import { ApiError } from "@massif/api";
import { createColors } from "picocolors";
import { describe, expect, test } from "vitest";
import { callLines, curlLine } from "../src/call-lines.ts";
import { predictionText } from "../src/commands/predict.ts";
import { bytes, duration, figure, money } from "../src/figures.ts";
import { bestRun, failedRows, leaderboardRows, leaderboardText } from "../src/leaderboard.ts";
import { predictionColumns } from "../src/output-rows.ts";
import { profileText, sparkline } from "../src/profile-view.ts";
import { progressLine } from "../src/progress-line.ts";
import { failureOf, failureText } from "../src/report-error.ts";
import { table } from "../src/table.ts";
import { sampleSession } from "./sample-session.ts";
import { comparison, DATASET } from "./samples.ts";

const session = sampleSession();

describe("predictions", () => {
  test("in words are a number, a class with its probabilities, or a cluster with its distance", () => {
    expect(predictionText(1.5)).toBe("1.5");
    expect(predictionText({ class: "a", probabilities: { b: 0.25, a: 0.75 } })).toBe("a (a 75.0%, b 25.0%)");
    expect(predictionText({ cluster: 1, distances: [3, 0.5] })).toBe("1 (at 0.5 from its centre)");
    expect(predictionText({ score: 0.25, outlier: true })).toBe("0.25 (an outlier)");
  });

  test("as columns are called by what is predicted", () => {
    const signature = { task: "clustering", target: "cluster", classes: null, inputs: [] } as const;
    const columns = predictionColumns({ cluster: 1, distances: [3, 0.5] }, { ...signature, inputs: [] });
    expect(columns).toEqual({ predicted_cluster: 1, distance: 0.5 });
    const scored = predictionColumns({ score: -0.1, outlier: false }, { ...signature, target: "score", inputs: [] });
    expect(scored).toEqual({ predicted_score: -0.1, outlier: "false" });
  });
});

describe("figures", () => {
  test("numbers keep five significant digits and are readable without exponents", () => {
    expect([0, 0.00123456, 1.99879, 533.58749, 53940, 1e15, null, Number.NaN].map((value) => figure(value))).toEqual([
      "0",
      "0.0012",
      "1.9988",
      "533.59",
      "53,940",
      "1.0000e+15",
      "–",
      "NaN",
    ]);
  });

  test("times, sizes and money take the unit that fits", () => {
    expect([0.0000023, 0.042, Math.PI, 75, 3840].map(duration)).toEqual([
      "2.3 µs",
      "42 ms",
      "3.14 s",
      "1 min 15 s",
      "1 h 4 min",
    ]);
    expect([512, 2512, 2_500_000_000].map(bytes)).toEqual(["512 B", "2.5 kB", "2.5 GB"]);
    expect(money({ amount: 0.00000123456, currency: "USD" })).toBe("0.00000123 USD");
    expect(money({ amount: 1234.5, currency: "USD" })).toBe("1,234.50 USD");
  });
});

describe("tables", () => {
  test("numbers are flush right, long cells are cut, and lines end without blanks", () => {
    const text = table(
      [
        { head: "name", max: 6 },
        { head: "count", number: true },
      ],
      [
        ["a very long name", "1"],
        ["b", "12345"],
      ],
      { session },
    );
    expect(text.split("\n")).toEqual(["name    count", "a ver…      1", "b       12345"]);
  });

  test("control characters of data do not reach the terminal", () => {
    const text = table([{ head: "x" }], [["a\u001b[2Jb\nc\u0007"]], { session });
    expect(text).not.toContain("\u0007");
    expect(text).not.toContain("\u001b[2J");
    expect(text.split("\n")).toHaveLength(2);
  });

  test("say so when there is nothing", () => {
    expect(table([{ head: "x" }], [], { session, none: "no keys" })).toBe("no keys");
  });
});

describe("the leaderboard", () => {
  test.each([
    ["lower", "rmse"],
    ["higher", "r2"],
  ] as const)("is best first where %s %s is better, and leaves out what failed", (better, metric) => {
    const rows = leaderboardRows(comparison(better, metric));
    expect(rows.map(({ estimator }) => estimator)).toEqual(["Forest", "Ridge", "Odd"]);
    expect(rows[0]).toEqual({
      estimator: "Forest",
      metrics: { rmse: 540, mae: 270, r2: 0.981 },
      fitSeconds: 1.5,
      predictMicros: 2.25,
    });
    expect(bestRun(comparison(better, metric))).toBe("run-Forest");
  });

  test("names what failed under the table", () => {
    expect(failedRows(comparison("lower", "rmse"))).toEqual([
      { estimator: "Broken", code: "DIVERGED", message: "rate too large" },
    ]);
    const text = leaderboardText(comparison("lower", "rmse"), session);
    expect(text).toMatch(/1\s+Forest\s+540.00\s+270.00\s+0.9810\s+1\.50\s+2\.25/);
    expect(text).toContain("✗ Broken: DIVERGED: rate too large");
  });
});

test("the profile shows each column with its distribution, warnings and notes", () => {
  const text = profileText(DATASET, session);
  expect(text).toMatch(/tiny, version 2/);
  expect(text).toMatch(/x\s+number\s+1\s+3\s+1\s+2\.5\s+4\s+█▄/);
  expect(text).toContain("text, identifier");
  expect(text).toContain("! row 3 has no x");
  expect(text).toContain("id: all values differ");
});

test("a sparkline shows any value above zero, and the largest in full", () => {
  expect(sparkline([0, 1, 500, 1000])).toBe(" ▁▄█");
  expect(sparkline([0, 0])).toBe("  ");
});

describe("a progress line", () => {
  const layout = { width: 100, labelWidth: 8, colours: createColors(false) };
  const line = {
    label: "Forest",
    state: "running" as const,
    value: 50,
    total: 200,
    unit: "tree",
    detail: "loss 0.5",
    elapsedSeconds: 5,
    rate: 10,
  };

  test("shows how far, how fast and how long still", () => {
    expect(progressLine(line, layout)).toBe(
      "› Forest   █████░░░░░░░░░░░░░░░  50/200 trees  10 trees/s  15.0 s left  loss 0.5",
    );
  });

  test("never exceeds the terminal", () => {
    for (let width = 16; width < 120; width++) {
      expect(progressLine(line, { ...layout, width }).length).toBeLessThanOrEqual(width);
    }
  });

  test("shows the result when done and waits without figures before", () => {
    expect(progressLine({ ...line, state: "done", detail: "R² 0.98" }, layout)).toBe("✓ Forest    R² 0.98");
    expect(progressLine({ ...line, state: "waiting" }, layout)).toBe("· Forest    waiting");
  });
});

describe("failures", () => {
  test("are one line with the code, the refused fields, and the cure", () => {
    const error = new ApiError("INVALID_ROWS", "2 rows do not fit", {
      details: [{ field: "rows.0.carat", problem: "is not a number" }],
    });
    expect(failureText(failureOf(error), createColors(false)).split("\n")).toEqual([
      "error INVALID_ROWS: 2 rows do not fit",
      "  rows.0.carat: is not a number",
      "Correct the named columns; `massif endpoints show NAME` prints the schema.",
    ]);
  });

  test("of the file system name the file and count as wrong input; others as ours", () => {
    const missing = Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT", path: "/x/y.csv" });
    expect(failureOf(missing)).toMatchObject({ code: "INVALID_FILE", exit: 2, message: "there is no file /x/y.csv" });
    expect(failureOf(new TypeError("oops"))).toMatchObject({ code: "INTERNAL", exit: 1 });
  });
});

test("pasted lines quote what a shell would touch", () => {
  const row = { cut: "it's $HOME" };
  expect(curlLine({ url: "http://h/p", row, key: "k" })).toBe(
    `curl -s http://h/p -H 'authorization: Bearer k' -H 'content-type: application/json' -d '{"rows":[{"cut":"it'\\''s $HOME"}]}'`,
  );
  const lines = callLines({ url: "http://h/p", row, key: "k", source: "const a = 1;\n" }, session).join("\n");
  expect(lines).toContain("MASSIF_API_KEY=k npx tsx predict.mts");
  expect(lines.endsWith("const a = 1;")).toBe(true);
});
