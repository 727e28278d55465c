// Every example of half of the guides; the other half is in the file beside this one, so that both run at once.
import { GUIDES, testExamples } from "./page-examples.ts";

testExamples(GUIDES.filter((_, i) => i % 2 === 0));
