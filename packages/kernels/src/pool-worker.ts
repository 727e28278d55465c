// Entry of a pool member's thread on Node: one instance of the module on the shared memory, serving the job board.
import { workerData } from "node:worker_threads";
import type { MemberInit } from "./host.ts";
import { JobBoard } from "./job-board.ts";
import { KernelInstance } from "./kernel-instance.ts";

const { module, memory, board } = workerData as MemberInit;
const instance = new KernelInstance(module, memory);
new JobBoard(memory, board).serve((index) => instance.byIndex(index));
