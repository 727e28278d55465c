import { expect, test } from "vitest";
import { checkLayers } from "./check-layers.ts";
import { violation } from "./layers.ts";

const one = (file: string, to: string, typeOnly = false) => violation({ file, to, typeOnly });

test("an arrow of the table is allowed", () => {
  expect(one("learn/src/tree/grow.ts", "@massif/kernels")).toBeNull();
  expect(one("learn/src/ensemble/forest.ts", "learn/src/tree/grow.ts")).toBeNull();
  expect(one("server/src/http/routes.ts", "server/src/services/runs.ts")).toBeNull();
});

test("an arrow that is not in the table is refused with its reason", () => {
  expect(one("learn/src/tree/grow.ts", "@massif/server")).toBe("learn may not import server");
  expect(one("server/src/http/routes.ts", "server/src/store/runs.ts")).toBe("server/http may not import server/store");
  expect(one("learn/src/linear/ridge.ts", "learn/src/tree/grow.ts")).toBe("learn/linear may not import learn/tree");
  expect(one("cli/src/train.ts", "@massif/server")).toBe("only server-host.ts may import server");
  expect(one("api/src/client.ts", "server/src/main.ts")).toBe("reaches into server by path; import @massif/server");
});

test("data may take types of learn, and nothing else", () => {
  expect(one("data/src/columns.ts", "@massif/learn", true)).toBeNull();
  expect(one("data/src/columns.ts", "@massif/learn")).toBe("data may import only types of learn");
});

test("the tree as it stands keeps to the table and has no import cycle", () => {
  expect(checkLayers()).toEqual([]);
});
