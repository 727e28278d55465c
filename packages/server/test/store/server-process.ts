// A process that opens a store on a server, says "open", and ends.
import { openStore } from "../../src/store/database.ts";

const store = await openStore({ databaseUrl: process.argv[2] });
process.stdout.write("open\n");
await store.close();
