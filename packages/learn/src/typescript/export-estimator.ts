// Estimators as calls of an exported module, which leave their answer in `out`.
import type { Estimator, Slot } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { MajorityClassifier } from "../baseline/majority-classifier.ts";
import { MeanRegressor } from "../baseline/mean-regressor.ts";
import { BernoulliNB } from "../bayes/bernoulli-nb.ts";
import { ComplementNB } from "../bayes/complement-nb.ts";
import { GaussianNB } from "../bayes/gaussian-nb.ts";
import { MultinomialNB } from "../bayes/multinomial-nb.ts";
import { QuadraticDiscriminantAnalysis } from "../bayes/quadratic-discriminant.ts";
import { CentreClusterer } from "../cluster/centre-clusterer.ts";
import { DBSCAN } from "../cluster/dbscan.ts";
import { GaussianMixture } from "../cluster/gaussian-mixture.ts";
import { LinearClassifier } from "../linear/linear-classifier.ts";
import { LinearRegressor } from "../matrix/linear-regressor.ts";
import { CrossCalibrated } from "../meta/calibrated.ts";
import { StackOfClassifiers, StackOfRegressors } from "../meta/stacking.ts";
import { MeanOfRegressors, VoteOfClassifiers } from "../meta/voting.ts";
import { KNeighborsClassifier } from "../neighbors/k-neighbors-classifier.ts";
import { KNeighborsRegressor } from "../neighbors/k-neighbors-regressor.ts";
import { LocalOutlierFactor } from "../neighbors/local-outlier-factor.ts";
import { RadiusNeighborsClassifier } from "../neighbors/radius-neighbors-classifier.ts";
import { RadiusNeighborsRegressor } from "../neighbors/radius-neighbors-regressor.ts";
import { MLPClassifier } from "../network/mlp-classifier.ts";
import { MLPRegressor } from "../network/mlp-regressor.ts";
import { EllipticEnvelope } from "../outliers/elliptic-envelope.ts";
import { IsolationForest } from "../outliers/isolation-forest.ts";
import { MatrixFactorization } from "../recommend/matrix-factorization.ts";
import { LinearSVC } from "../svm/linear-svc.ts";
import { OneClassSVM } from "../svm/one-class-svm.ts";
import { SVC } from "../svm/svc.ts";
import { SVR } from "../svm/svr.ts";
import { TreeEstimator } from "../tree/tree-model.ts";
import { exportBernoulli, exportCounts, exportNormals, exportQuadratic } from "./export-bayes.ts";
import { exportCalibrated, exportStacking, exportVoting } from "./export-composites.ts";
import {
  exportBaseline,
  exportCentres,
  exportCores,
  exportEnvelope,
  exportIsolation,
  exportMixture,
  exportRecommender,
} from "./export-densities.ts";
import {
  exportLinearClassifier,
  exportLinearRegressor,
  exportMachine,
  exportMargins,
  exportNetworkClassifier,
  exportNetworkRegressor,
  exportNovelty,
  exportPairs,
} from "./export-machines.ts";
import { exportLocalFactor, exportNearest, exportWithin } from "./export-neighbors.ts";
import { exportTrees } from "./export-trees.ts";
import type { ModuleWriter } from "./module-writer.ts";

/** Writes the estimator over its columns. Throws ParamError naming one that has no source. */
export function exportEstimator(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  const found = FAMILIES.find(({ type }) => isOf(estimator, type));
  if (found === undefined) {
    const problem = `${estimator.spec.name} cannot be exported to TypeScript; train another estimator`;
    throw new ParamError("estimator", problem);
  }
  found.write(module, estimator, columns);
}

// Internal

type EstimatorClass<E extends Estimator> = { readonly prototype: E };
type Write<E extends Estimator> = (module: ModuleWriter, estimator: E, columns: readonly Slot[]) => void;

interface Family {
  readonly type: EstimatorClass<Estimator>;
  readonly write: Write<Estimator>;
}

function family<E extends Estimator>(type: EstimatorClass<E>, write: Write<E>): Family {
  return { type, write: write as Write<Estimator> };
}

/** Whether it predicts as its family does: a member may have a prediction of its own. */
function isOf(estimator: Estimator, { prototype }: EstimatorClass<Estimator>): boolean {
  return Object.prototype.isPrototypeOf.call(prototype, estimator) && estimator.compileRow === prototype.compileRow;
}

const exportPart = exportEstimator;

const FAMILIES: readonly Family[] = [
  family(MeanRegressor, exportBaseline),
  family(MajorityClassifier, exportBaseline),
  family(LinearRegressor, exportLinearRegressor),
  family(LinearClassifier, exportLinearClassifier),
  family(LinearSVC, exportMargins),
  family(TreeEstimator, exportTrees),
  family(GaussianNB, exportNormals),
  family(MultinomialNB, exportCounts),
  family(ComplementNB, exportCounts),
  family(BernoulliNB, exportBernoulli),
  family(QuadraticDiscriminantAnalysis, exportQuadratic),
  family(SVC, exportPairs),
  family(SVR, exportMachine),
  family(OneClassSVM, exportNovelty),
  family(KNeighborsRegressor, exportNearest),
  family(KNeighborsClassifier, exportNearest),
  family(RadiusNeighborsRegressor, exportWithin),
  family(RadiusNeighborsClassifier, exportWithin),
  family(LocalOutlierFactor, exportLocalFactor),
  family(MLPRegressor, exportNetworkRegressor),
  family(MLPClassifier, exportNetworkClassifier),
  family(CentreClusterer, exportCentres),
  family(GaussianMixture, exportMixture),
  family(DBSCAN, exportCores),
  family(IsolationForest, exportIsolation),
  family(EllipticEnvelope, exportEnvelope),
  family(MatrixFactorization, exportRecommender),
  family(MeanOfRegressors, (module, estimator, columns) => exportVoting(module, estimator, { columns, exportPart })),
  family(VoteOfClassifiers, (module, estimator, columns) => exportVoting(module, estimator, { columns, exportPart })),
  family(StackOfRegressors, (module, estimator, columns) => exportStacking(module, estimator, { columns, exportPart })),
  family(StackOfClassifiers, (module, estimator, columns) =>
    exportStacking(module, estimator, { columns, exportPart }),
  ),
  family(CrossCalibrated, (module, estimator, columns) => exportCalibrated(module, estimator, { columns, exportPart })),
];
