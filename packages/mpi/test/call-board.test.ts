// A thread that was put aside between counting and waking wakes somebody who waits for the next call already.
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { type Call, CallBoard } from "../src/call-board.ts";

/** The words on which the two sides sleep. */
const [ASKED, ANSWERED] = [0, 1];
const SUM: Call = { kind: "sum", buffer: 0, offset: 0, length: 3, root: 0 };

function wake(board: CallBoard, word: number): void {
  Atomics.notify(new Int32Array(board.memory, 0, 2), word);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe("a late waking", () => {
  it("is not taken for the answer", async () => {
    const board = new CallBoard();
    let answered = false;
    const waiting = board.wait(board.ask(SUM)).then(() => {
      answered = true;
    });
    for (let i = 0; i < 5; i++) {
      wake(board, ANSWERED);
      await pause(5);
    }
    expect(answered).toBe(false);
    board.answer(false);
    await waiting;
    expect(board.failed).toBe(false);
  });

  it("is not taken for a request", async () => {
    const board = new CallBoard();
    const file = fileURLToPath(new URL("../dist/call-board.js", import.meta.url));
    const script = `
      const { parentPort, workerData } = require("node:worker_threads");
      import(${JSON.stringify(file)}).then(({ CallBoard }) => {
        const board = new CallBoard(workerData);
        for (let seen = 0; seen < 2; seen++) {
          parentPort.postMessage("ready");
          parentPort.postMessage(board.next(seen).length);
          board.answer(false);
        }
      });`;
    const worker = new Worker(script, { eval: true, workerData: board.memory });
    const heard: unknown[] = [];
    worker.on("message", (message) => heard.push(message));
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(1);
    for (let i = 0; i < 5; i++) {
      wake(board, ASKED);
      await pause(5);
    }
    expect(heard).toEqual(["ready"]);
    await board.wait(board.ask(SUM));
    await board.wait(board.ask({ ...SUM, length: 7 }));
    await ended;
    expect(heard).toEqual(["ready", 3, "ready", 7]);
  });
});
