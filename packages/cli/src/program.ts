// All commands on one program.
import { Command } from "commander";
import { addAudit } from "./commands/audit.ts";
import { addBackup, addRestore } from "./commands/backup.ts";
import { addBudget } from "./commands/budget.ts";
import { addCompare } from "./commands/compare.ts";
import { addCurves } from "./commands/curves.ts";
import { addData } from "./commands/data.ts";
import { addDeploy } from "./commands/deploy.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEndpoints } from "./commands/endpoints.ts";
import { addExample } from "./commands/example.ts";
import { addExplain } from "./commands/explain.ts";
import { addHealth } from "./commands/health.ts";
import { addInvoice } from "./commands/invoice.ts";
import { addKeys } from "./commands/keys.ts";
import { addModels } from "./commands/models.ts";
import { addPlan } from "./commands/plan.ts";
import { addPolicies } from "./commands/policies.ts";
import { addPredict } from "./commands/predict.ts";
import { addQuickstart } from "./commands/quickstart.ts";
import { addRecommend } from "./commands/recommend.ts";
import { addReproduce } from "./commands/reproduce.ts";
import { addRuns } from "./commands/runs.ts";
import { addStudies } from "./commands/studies.ts";
import { addTrain } from "./commands/train.ts";
import { addTune } from "./commands/tune.ts";
import { addUp } from "./commands/up.ts";
import { addUsage } from "./commands/usage.ts";
import { addWorker } from "./commands/worker.ts";
import type { Session } from "./session.ts";
import { VERSION } from "./version.ts";

/** The program, bound to a session. */
export function createProgram(session: Session): Command {
  const program = new Command("massif")
    .description("From a data file to a metered prediction endpoint.")
    .version(VERSION, "-V", "print the version (also --version)")
    .option("--json", "print one JSON value on standard output and nothing else")
    .option("--url <address>", "server to talk to (else MASSIF_URL, else the one started from the home folder)")
    .option("--key <secret>", "API key (else MASSIF_API_KEY, else the one kept in the home folder)")
    .option("--home <folder>", "home folder (else MASSIF_HOME, else ~/.massif)")
    .option("--no-color", "no colours (also NO_COLOR)")
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .addHelpText("after", FIRST_STEPS)
    // Complaints are written by `main`, in the same form as all other errors.
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  session.attach(program);
  for (const add of [
    addQuickstart,
    addUp,
    addWorker,
    addExample,
    addData,
    addPlan,
    addTrain,
    addCompare,
    addCurves,
    addTune,
    addStudies,
    addRuns,
    addReproduce,
    addModels,
    addPolicies,
    addDeploy,
    addPredict,
    addExplain,
    addRecommend,
    addEndpoints,
    addKeys,
    addUsage,
    addBudget,
    addInvoice,
    addAudit,
    addHealth,
    addDoctor,
    addBackup,
    addRestore,
  ]) {
    add(program, session);
  }
  inherit(program);
  return program;
}

// Internal

const FIRST_STEPS = `
First steps:
  massif quickstart                         # a server, a data set, a leaderboard and an endpoint in one go
  massif up                                 # a server to stay
  massif data import sales.csv              # then, in another terminal
  massif compare sales --target revenue

Exit codes: 0 done, 1 the work failed, 2 wrong input, 3 no server or no permission, 130 stopped by Ctrl-C.`;

// Settings of the program that commander does not hand down to commands added by `command()` in all versions.
function inherit(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inherit(child);
  }
}
