// Estimators made of estimators as calls of an exported module: each part's answer is put aside in the frame, and then
// they are put together.
import type { Estimator, Slot } from "../base/component.ts";
import type { CrossCalibrated } from "../meta/calibrated.ts";
import { type Curve, LEAST } from "../meta/calibration.ts";
import type { StackOfClassifiers, StackOfRegressors } from "../meta/stacking.ts";
import { MeanOfRegressors, type VoteOfClassifiers } from "../meta/voting.ts";
import { listLiteral } from "./literals.ts";
import type { ModuleWriter } from "./module-writer.ts";

/** How a part is written. */
export type ExportPart = (module: ModuleWriter, part: Estimator, columns: readonly Slot[]) => void;

interface Inner {
  readonly columns: readonly Slot[];
  readonly exportPart: ExportPart;
}

/** The weighed mean of the parts' answers, or of their votes. */
export function exportVoting(
  module: ModuleWriter,
  estimator: MeanOfRegressors | VoteOfClassifiers,
  inner: Inner,
): void {
  const isHard = !(estimator instanceof MeanOfRegressors) && estimator.params.voting === "hard";
  const from = module.slotsOf(answersOf(module, estimator, inner));
  module.call(isHard ? "countVotes" : "weighAnswers", { from, shares: module.array(estimator.shares()) });
}

/** What the last estimator makes of the others' answers. */
export function exportStacking(
  module: ModuleWriter,
  estimator: StackOfRegressors | StackOfClassifiers,
  inner: Inner,
): void {
  const answers = answersOf(module, estimator, inner);
  const { estimator: last, figures, columns } = estimator.last;
  const taken = [...figures.map((at) => answers[at]), ...columns.map((at) => inner.columns[at])];
  inner.exportPart(module, last, taken);
}

/** The mean of the parts' shares, each calibrated by its own curves. */
export function exportCalibrated(module: ModuleWriter, estimator: CrossCalibrated, inner: Inner): void {
  const curves = estimator.curves.map((own) => listLiteral(own.map((curve) => curveLiteral(module, curve))));
  module.call("calibrate", {
    from: module.slotsOf(answersOf(module, estimator, inner)),
    curves: listLiteral(curves),
    logOdds: String(estimator.params.scale === "logOdds"),
    least: module.number(LEAST),
    own: module.room((estimator.getState().meta.classes as readonly string[]).length),
  });
}

// Internal

/** Where the parts' answers are kept, of each part in turn. */
function answersOf(
  module: ModuleWriter,
  estimator: Estimator & { readonly parts: readonly Estimator[] },
  { columns, exportPart }: Inner,
): Slot[] {
  const classes = estimator.getState().meta.classes as readonly string[];
  return estimator.parts.flatMap((part, i) => {
    exportPart(module, part, columns);
    const names = classes.length === 0 ? [""] : classes;
    const kept = names.map((name): Slot => ({ name: `${i} ${name}`, kind: "number", slot: module.newSlot() }));
    module.call("keep", { to: module.slotsOf(kept) });
    return kept;
  });
}

function curveLiteral(module: ModuleWriter, curve: Curve): string {
  if ("slope" in curve) return `{ slope: ${module.number(curve.slope)}, offset: ${module.number(curve.offset)} }`;
  return `{ xs: ${module.array(curve.xs)}, ys: ${module.array(curve.ys)} }`;
}
