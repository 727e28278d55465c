// Estimators as ONNX operators, each as its family predicts.
import type { Estimator } from "../base/component.ts";
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
import type { GraphColumn } from "./columns.ts";
import { exportBaseline } from "./export-baselines.ts";
import { exportBernoulli, exportCounts, exportNormals, exportQuadratic } from "./export-bayes.ts";
import { exportCentres, exportCores, exportMixture } from "./export-clusters.ts";
import { exportCalibrated, exportStacking, exportVoting } from "./export-composites.ts";
import { exportLinearClassifier, exportLinearRegressor } from "./export-linear.ts";
import { exportMachine, exportNovelty, exportPairs } from "./export-machines.ts";
import { exportLocalFactor, exportNearest, exportWithin } from "./export-neighbors.ts";
import { exportNetworkClassifier, exportNetworkRegressor } from "./export-network.ts";
import { exportEnvelope, exportIsolation } from "./export-outliers.ts";
import { exportRecommender } from "./export-recommender.ts";
import { exportTrees } from "./export-trees.ts";
import type { OnnxGraph } from "./graph.ts";

/**
 * What the estimator gives: [n, 1] numbers or scores, [n, classes] probabilities, or [n, clusters] distances. Throws
 * ParamError for one that has no operators.
 */
export function exportEstimator(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  const found = FAMILIES.find(({ type }) => isOf(estimator, type));
  if (found !== undefined) return found.answer(graph, estimator, columns);
  throw new ParamError("estimator", `${estimator.spec.name} cannot be exported to ONNX; train another estimator`);
}

// Internal

type EstimatorClass<E extends Estimator> = { readonly prototype: E };
type Answer<E extends Estimator> = (graph: OnnxGraph, estimator: E, columns: readonly GraphColumn[]) => string;

interface Family {
  readonly type: EstimatorClass<Estimator>;
  readonly answer: Answer<Estimator>;
}

function family<E extends Estimator>(type: EstimatorClass<E>, answer: Answer<E>): Family {
  return { type, answer: answer as Answer<Estimator> };
}

/** Whether it predicts as its family does: a member may have a prediction of its own. */
function isOf(estimator: Estimator, { prototype }: EstimatorClass<Estimator>): boolean {
  const { predict, compileRow } = prototype;
  return (
    Object.prototype.isPrototypeOf.call(prototype, estimator) &&
    estimator.predict === predict &&
    estimator.compileRow === compileRow
  );
}

const exportPart = exportEstimator;

const FAMILIES: readonly Family[] = [
  family(MeanRegressor, exportBaseline),
  family(MajorityClassifier, exportBaseline),
  family(LinearRegressor, exportLinearRegressor),
  family(LinearClassifier, exportLinearClassifier),
  family(LinearSVC, exportLinearClassifier),
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
  family(MeanOfRegressors, (graph, estimator, columns) => exportVoting(graph, estimator, { columns, exportPart })),
  family(VoteOfClassifiers, (graph, estimator, columns) => exportVoting(graph, estimator, { columns, exportPart })),
  family(StackOfRegressors, (graph, estimator, columns) => exportStacking(graph, estimator, { columns, exportPart })),
  family(StackOfClassifiers, (graph, estimator, columns) => exportStacking(graph, estimator, { columns, exportPart })),
  family(CrossCalibrated, (graph, estimator, columns) => exportCalibrated(graph, estimator, { columns, exportPart })),
];
