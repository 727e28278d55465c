// The README's examples. Those of the guides are run by `npm run test:docs`.
import { testExamples } from "./page-examples.ts";

testExamples(["README.md"]);
