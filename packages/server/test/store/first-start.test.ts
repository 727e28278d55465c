import { describe, it } from "vitest";
import { surviveDeathAfterRename, surviveDeathWhenSeen } from "./first-start.ts";

// Each takes two first starts of some seconds; the whole sweep is in first-start.slow.test.ts.
describe("a first start that is killed", () => {
  it("leaves a home that opens, killed when the engine writes PG_VERSION", () =>
    surviveDeathWhenSeen("database.tmp/PG_VERSION"));

  it("leaves a home that opens, killed right after the rename", () => surviveDeathAfterRename());
});
