// One rank of the all-reduce benchmark: sums of WebAssembly memory, in place, as training makes them. Prints
// "doubles microseconds" per size (median), like its peer in C.
import { openCommunicator } from "@massif/mpi";

const ROUNDS = { 10: 2000, 1000: 1000, 100000: 100, 10000000: 5 };

const communicator = await openCommunicator();
const memory = new WebAssembly.Memory({ initial: 1300, maximum: 65_536, shared: true });
for (const [size, rounds] of Object.entries(ROUNDS)) {
  const values = new Float64Array(memory.buffer, 1024, Number(size));
  const times = [];
  for (let round = 0; round < rounds; round++) {
    values.fill(communicator.rank + 1);
    await communicator.barrier();
    const start = performance.now();
    await communicator.allReduce(values);
    times.push((performance.now() - start) * 1000);
    const sum = (communicator.size * (communicator.size + 1)) / 2;
    if (values[0] !== sum || values.at(-1) !== sum) throw new Error(`the sum of ${size} doubles is wrong`);
  }
  times.sort((a, b) => a - b);
  if (communicator.rank === 0) process.stdout.write(`${size} ${times[times.length >> 1].toFixed(2)}\n`);
}
await communicator.close();
process.exit(0);
