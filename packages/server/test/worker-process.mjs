// A built worker in a process of its own: says that it works, then runs until it is killed or told to stop.
import { startWorker } from "@massif/server";

const [home, cores] = process.argv.slice(2);
const worker = await startWorker({ home, cores: Number(cores), healthPort: 0, logLevel: "silent" });
process.stdout.write(`${JSON.stringify({ health: worker.healthUrl })}\n`);
process.on("SIGTERM", () => {
  void worker.stop().then(() => process.exit(0));
});
