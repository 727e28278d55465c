import { describe, expect, it } from "vitest";
import { ApiError, parseHostFile } from "../src/index.ts";

const failure = (text: string) => {
  try {
    parseHostFile(text, "hosts.txt");
  } catch (error) {
    return error as ApiError;
  }
  throw new Error("it was taken");
};

describe("a hosts file", () => {
  it("names hosts and how many ranks each takes, in the forms of MPI launchers", () => {
    const text = "# our machines\nbig1 slots=8\r\n\nbig2:4\n10.0.0.7\nbig3.site slots = 2 # spare\n";
    expect(parseHostFile(text, "hosts.txt")).toEqual([
      { name: "big1", slots: 8 },
      { name: "big2", slots: 4 },
      { name: "10.0.0.7", slots: 1 },
      { name: "big3.site", slots: 2 },
    ]);
  });

  it.each([
    ["big1 slots=8\nbig2 slots=many", 'line 2 of hosts.txt is "big2 slots=many"'],
    ["big1 slots=0", 'line 1 of hosts.txt is "big1 slots=0"'],
    ["-oProxyCommand=x", "line 1 of hosts.txt"],
    ["big1;rm slots=1", "line 1 of hosts.txt"],
    ["big1\nbig1 slots=2", 'line 2 of hosts.txt names "big1" a second time'],
    ["# nobody\n", "hosts.txt names no host"],
  ])("with %j is refused", (text, message) => {
    const error = failure(text);
    expect(error).toBeInstanceOf(ApiError);
    expect(error.code).toBe("INVALID_REQUEST");
    expect(error.message).toContain(message);
    expect(error.details[0].field).toBe("hosts");
  });
});
