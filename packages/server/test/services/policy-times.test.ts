// Schedules of policies: the times they name, and that a time triggers once, whoever looks.
import { describe, expect, test } from "vitest";
import { nextTime } from "../../src/services/policies.ts";
import { isBetter } from "../../src/services/retraining.ts";

describe("nextTime", () => {
  const from = new Date("2026-03-29T00:30:00Z");

  test("counts in UTC, through changes of summer time", () => {
    expect(nextTime("0 3 * * *", from).toISOString()).toBe("2026-03-29T03:00:00.000Z");
    expect(nextTime("*/15 * * * *", from).toISOString()).toBe("2026-03-29T00:45:00.000Z");
    expect(nextTime("0 0 1 1 *", from).toISOString()).toBe("2027-01-01T00:00:00.000Z");
  });

  test.each(["", "* * * *", "* * * * * *", "99 * * * *", "0 25 * * *", "soon or later on it"])(
    "refuses %j and names the field",
    (schedule) => {
      expect(() => nextTime(schedule, from)).toThrow(
        expect.objectContaining({ code: "INVALID_POLICY", message: expect.stringContaining("`schedule`") }),
      );
    },
  );
});

describe("isBetter", () => {
  const of = (metric: string, current: number | null, candidate: number | null, minImprovement = 0) =>
    isBetter({
      metric,
      task: metric === "accuracy" ? "classification" : "regression",
      current,
      candidate,
      minImprovement,
    });

  test("goes by the metric's direction", () => {
    expect(of("rmse", 2, 1)).toBe(true);
    expect(of("rmse", 1, 2)).toBe(false);
    expect(of("accuracy", 0.8, 0.9)).toBe(true);
    expect(of("accuracy", 0.9, 0.8)).toBe(false);
  });

  test("asks for the share, and an equal model is none", () => {
    expect(of("rmse", 1, 1)).toBe(false);
    expect(of("rmse", 1, 0.995, 0.01)).toBe(false);
    expect(of("rmse", 1, 0.985, 0.01)).toBe(true);
    expect(of("r2", -1, -0.95, 0.01)).toBe(true);
  });

  test("a model without a figure is never better, any figure is better than none", () => {
    expect(of("rmse", 1, null)).toBe(false);
    expect(of("rmse", null, 1)).toBe(true);
  });
});
