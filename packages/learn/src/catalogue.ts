// The one list of everything that learns, by name. The API, the command line's help and the docs read
// `describeCatalogue`; pipelines and model files name their parts by it.
import { Estimator, type EstimatorInput, type Task, Transformer } from "./base/component.ts";
import { ParamError } from "./base/errors.ts";
import type { ParamTable } from "./base/params.ts";
import type { ColumnKind } from "./base/table.ts";
import { describeValue } from "./base/wording.ts";
import { MajorityClassifier } from "./baseline/majority-classifier.ts";
import { MeanRegressor } from "./baseline/mean-regressor.ts";
import { BernoulliNB } from "./bayes/bernoulli-nb.ts";
import { ComplementNB } from "./bayes/complement-nb.ts";
import { GaussianNB } from "./bayes/gaussian-nb.ts";
import { MultinomialNB } from "./bayes/multinomial-nb.ts";
import { QuadraticDiscriminantAnalysis } from "./bayes/quadratic-discriminant.ts";
import { AgglomerativeClustering } from "./cluster/agglomerative-clustering.ts";
import { DBSCAN } from "./cluster/dbscan.ts";
import { GaussianMixture } from "./cluster/gaussian-mixture.ts";
import { KMeans } from "./cluster/k-means.ts";
import { MiniBatchKMeans } from "./cluster/mini-batch-k-means.ts";
import { IncrementalPCA } from "./decompose/incremental-pca.ts";
import { NMF } from "./decompose/nmf.ts";
import { PCA } from "./decompose/pca.ts";
import { TruncatedSVD } from "./decompose/truncated-svd.ts";
import { ExtraTreesClassifier, ExtraTreesRegressor } from "./ensemble/extra-trees.ts";
import { GradientBoostingClassifier, GradientBoostingRegressor } from "./ensemble/gradient-boosting.ts";
import { RandomForestClassifier, RandomForestRegressor } from "./ensemble/random-forest.ts";
import { ElasticNet } from "./linear/elastic-net.ts";
import { GammaRegressor, PoissonRegressor, TweedieRegressor } from "./linear/generalized-linear.ts";
import { GradientDescentClassifier } from "./linear/gradient-descent-classifier.ts";
import { GradientDescentRegressor } from "./linear/gradient-descent-regressor.ts";
import { HuberRegressor } from "./linear/huber-regressor.ts";
import { Lasso } from "./linear/lasso.ts";
import { LinearDiscriminantAnalysis } from "./linear/linear-discriminant.ts";
import { LogisticRegression } from "./linear/logistic-regression.ts";
import { PassiveAggressiveClassifier, Perceptron } from "./linear/online-classifiers.ts";
import { PassiveAggressiveRegressor } from "./linear/passive-aggressive-regressor.ts";
import { QuantileRegressor } from "./linear/quantile-regressor.ts";
import { LinearRegression, Ridge } from "./linear/ridge.ts";
import { CrossCalibrated } from "./meta/calibrated.ts";
import { StackOfClassifiers, StackOfRegressors } from "./meta/stacking.ts";
import { MeanOfRegressors, VoteOfClassifiers } from "./meta/voting.ts";
import { KNeighborsClassifier } from "./neighbors/k-neighbors-classifier.ts";
import { KNeighborsRegressor } from "./neighbors/k-neighbors-regressor.ts";
import { LocalOutlierFactor } from "./neighbors/local-outlier-factor.ts";
import { RadiusNeighborsClassifier } from "./neighbors/radius-neighbors-classifier.ts";
import { RadiusNeighborsRegressor } from "./neighbors/radius-neighbors-regressor.ts";
import { UMAP } from "./neighbors/umap.ts";
import { MLPClassifier } from "./network/mlp-classifier.ts";
import { MLPRegressor } from "./network/mlp-regressor.ts";
import { EllipticEnvelope } from "./outliers/elliptic-envelope.ts";
import { IsolationForest } from "./outliers/isolation-forest.ts";
import { Binarizer } from "./preprocess/binarizer.ts";
import { CountEncoder } from "./preprocess/count-encoder.ts";
import { CountVectorizer } from "./preprocess/count-vectorizer.ts";
import { CyclicFeatures } from "./preprocess/cyclic-features.ts";
import { DateParts } from "./preprocess/date-parts.ts";
import { FeatureHasher } from "./preprocess/feature-hasher.ts";
import { HashingVectorizer } from "./preprocess/hashing-vectorizer.ts";
import { IterativeImputer } from "./preprocess/iterative-imputer.ts";
import { KBinsDiscretizer } from "./preprocess/k-bins-discretizer.ts";
import { KNNImputer } from "./preprocess/knn-imputer.ts";
import { MaxAbsScaler } from "./preprocess/max-abs-scaler.ts";
import { MinMaxScaler } from "./preprocess/min-max-scaler.ts";
import { MissingIndicator } from "./preprocess/missing-indicator.ts";
import { Normalizer } from "./preprocess/normalizer.ts";
import { OneHotEncoder } from "./preprocess/one-hot-encoder.ts";
import { OrdinalEncoder } from "./preprocess/ordinal-encoder.ts";
import { PolynomialFeatures } from "./preprocess/polynomial-features.ts";
import { PowerTransformer } from "./preprocess/power-transformer.ts";
import { QuantileTransformer } from "./preprocess/quantile-transformer.ts";
import { RobustScaler } from "./preprocess/robust-scaler.ts";
import { SimpleImputer } from "./preprocess/simple-imputer.ts";
import { SplineTransformer } from "./preprocess/spline-transformer.ts";
import { StandardScaler } from "./preprocess/standard-scaler.ts";
import { TargetEncoder } from "./preprocess/target-encoder.ts";
import { TfidfVectorizer } from "./preprocess/tfidf-vectorizer.ts";
import { MatrixFactorization } from "./recommend/matrix-factorization.ts";
import { ImportanceSelector } from "./select/importance-selector.ts";
import { EliminationSelector } from "./select/recursive-elimination.ts";
import { ValidatedElimination } from "./select/recursive-elimination-cv.ts";
import { SelectKBest } from "./select/select-k-best.ts";
import { StepwiseSelector } from "./select/sequential-selector.ts";
import { VarianceThreshold } from "./select/variance-threshold.ts";
import { LinearSVC } from "./svm/linear-svc.ts";
import { LinearSVR } from "./svm/linear-svr.ts";
import { OneClassSVM } from "./svm/one-class-svm.ts";
import { SVC } from "./svm/svc.ts";
import { SVR } from "./svm/svr.ts";
import { DecisionTreeClassifier, DecisionTreeRegressor } from "./tree/decision-tree.ts";

/** The class of a component: its parameters are stored unchecked, `validate` and `fit` check them. */
type ComponentClass = new (params?: Record<string, never>) => Transformer | Estimator;

/** Keeps the columns that an estimator of the catalogue makes most of. */
export class SelectFromModel extends ImportanceSelector {
  protected create(type: string, params: Readonly<Record<string, unknown>>): Estimator {
    return createEstimator(type, params);
  }
}

/** Keeps the columns that are left when an estimator of the catalogue has dropped the others in turn. */
export class RecursiveElimination extends EliminationSelector {
  protected create(type: string, params: Readonly<Record<string, unknown>>): Estimator {
    return createEstimator(type, params);
  }
}

/** Keeps as many of the columns that are left as predict best by cross-validation. */
export class RecursiveEliminationCV extends ValidatedElimination {
  protected create(type: string, params: Readonly<Record<string, unknown>>): Estimator {
    return createEstimator(type, params);
  }
}

/** Keeps the columns by which an estimator of the catalogue predicts best, added or dropped one at a time. */
export class SequentialSelector extends StepwiseSelector {
  protected create(type: string, params: Readonly<Record<string, unknown>>): Estimator {
    return createEstimator(type, params);
  }
}

/** Any classifier of the catalogue, with its probabilities calibrated. */
export class CalibratedClassifier extends CrossCalibrated {
  protected create(type: string, params: Readonly<Record<string, unknown>>): Estimator {
    return createEstimator(type, params);
  }
}

/** The mean of several classifiers of the catalogue. */
export class VotingClassifier extends VoteOfClassifiers {
  protected create(type: string, params: Readonly<Record<string, unknown>>): Estimator {
    return createEstimator(type, params);
  }
}

/** The mean of several regressors of the catalogue. */
export class VotingRegressor extends MeanOfRegressors {
  protected create(type: string, params: Readonly<Record<string, unknown>>): Estimator {
    return createEstimator(type, params);
  }
}

/** Classifiers of the catalogue, weighed by a last one. */
export class StackingClassifier extends StackOfClassifiers {
  protected create(type: string, params: Readonly<Record<string, unknown>>): Estimator {
    return createEstimator(type, params);
  }
}

/** Regressors of the catalogue, weighed by a last one. */
export class StackingRegressor extends StackOfRegressors {
  protected create(type: string, params: Readonly<Record<string, unknown>>): Estimator {
    return createEstimator(type, params);
  }
}

const CLASSES: readonly ComponentClass[] = [
  SimpleImputer,
  OneHotEncoder,
  OrdinalEncoder,
  DateParts,
  StandardScaler,
  MinMaxScaler,
  RobustScaler,
  MaxAbsScaler,
  KBinsDiscretizer,
  PolynomialFeatures,
  PowerTransformer,
  QuantileTransformer,
  Normalizer,
  Binarizer,
  SplineTransformer,
  CyclicFeatures,
  TargetEncoder,
  CountEncoder,
  FeatureHasher,
  MissingIndicator,
  HashingVectorizer,
  KNNImputer,
  IterativeImputer,
  CountVectorizer,
  TfidfVectorizer,
  VarianceThreshold,
  SelectKBest,
  SelectFromModel,
  RecursiveElimination,
  RecursiveEliminationCV,
  SequentialSelector,
  PCA,
  TruncatedSVD,
  IncrementalPCA,
  NMF,
  UMAP,
  MeanRegressor,
  LinearRegression,
  Ridge,
  Lasso,
  ElasticNet,
  HuberRegressor,
  QuantileRegressor,
  PoissonRegressor,
  GammaRegressor,
  TweedieRegressor,
  PassiveAggressiveRegressor,
  GradientDescentRegressor,
  KNeighborsRegressor,
  RadiusNeighborsRegressor,
  DecisionTreeRegressor,
  RandomForestRegressor,
  ExtraTreesRegressor,
  GradientBoostingRegressor,
  MLPRegressor,
  VotingRegressor,
  StackingRegressor,
  MatrixFactorization,
  MajorityClassifier,
  LogisticRegression,
  Perceptron,
  PassiveAggressiveClassifier,
  GradientDescentClassifier,
  KNeighborsClassifier,
  RadiusNeighborsClassifier,
  DecisionTreeClassifier,
  RandomForestClassifier,
  ExtraTreesClassifier,
  GradientBoostingClassifier,
  MLPClassifier,
  GaussianNB,
  MultinomialNB,
  ComplementNB,
  BernoulliNB,
  LinearDiscriminantAnalysis,
  QuadraticDiscriminantAnalysis,
  LinearSVC,
  LinearSVR,
  SVC,
  SVR,
  CalibratedClassifier,
  VotingClassifier,
  StackingClassifier,
  OneClassSVM,
  KMeans,
  IsolationForest,
  LocalOutlierFactor,
  EllipticEnvelope,
  MiniBatchKMeans,
  GaussianMixture,
  DBSCAN,
  AgglomerativeClustering,
];

const BY_NAME: ReadonlyMap<string, ComponentClass> = new Map(CLASSES.map((type) => [new type().spec.name, type]));

const NAMES = {
  transformer: [...BY_NAME].flatMap(([name, type]) => (type.prototype instanceof Transformer ? [name] : [])),
  estimator: [...BY_NAME].flatMap(([name, type]) => (type.prototype instanceof Estimator ? [name] : [])),
} as const;

/** A component as data: what the API, the command line and the docs say about it. */
export type ComponentDescription = {
  readonly name: string;
  /** One sentence: what it is. */
  readonly doc: string;
  /** Paper or reference of the algorithm. */
  readonly source: string;
  readonly params: ParamTable;
} & (
  | { readonly kind: "transformer"; readonly accepts: readonly ColumnKind[]; readonly needsTarget: boolean }
  | { readonly kind: "estimator"; readonly task: Task; readonly input: EstimatorInput; readonly weighs: boolean }
);

/** Every component, transformers first; JSON-able. */
export function describeCatalogue(): ComponentDescription[] {
  return CLASSES.map((type) => {
    const component = new type();
    const { name, doc, source, params } = component.spec;
    if (component instanceof Transformer) {
      const { accepts, needsTarget = false } = component.spec;
      return { name, kind: "transformer", doc, source, accepts, needsTarget, params };
    }
    const { task, input, weights } = component.spec;
    return { name, kind: "estimator", doc, source, task, input, weighs: weights !== undefined, params };
  });
}

/** The names of all components of a kind. */
export function componentNames(kind: "transformer" | "estimator"): readonly string[] {
  return NAMES[kind];
}

/** A component of the catalogue with these parameters, which are checked. Throws ParamError. */
export function createComponent(type: string, params?: Readonly<Record<string, unknown>>): Transformer | Estimator {
  const component = constructComponent(type, params);
  component.validate();
  return component;
}

/** A component with parameters that nothing has checked; its `fit` will. Throws ParamError for an unknown type. */
export function constructComponent(
  type: string,
  params: Readonly<Record<string, unknown>> = {},
): Transformer | Estimator {
  const found = BY_NAME.get(type);
  if (found === undefined) throw unknownType(type, [...BY_NAME.keys()]);
  // The table of parameters, not the compiler, checks values that come from outside.
  return new found(params as Record<string, never>);
}

/** `createComponent` for a step of a pipeline; an estimator's name is refused. */
export function createTransformer(type: string, params?: Readonly<Record<string, unknown>>): Transformer {
  const known = componentNames("transformer");
  if (!known.includes(type)) throw unknownType(type, known, "transformer");
  return createComponent(type, params) as Transformer;
}

/** `createComponent` for the end of a pipeline; a transformer's name is refused. */
export function createEstimator(type: string, params?: Readonly<Record<string, unknown>>): Estimator {
  const known = componentNames("estimator");
  if (!known.includes(type)) throw unknownType(type, known, "estimator");
  return createComponent(type, params) as Estimator;
}

// Internal

function unknownType(type: string, known: readonly string[], noun = "component"): ParamError {
  const nearest = nearestName(type, known);
  const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  return new ParamError("type", `there is no ${noun} ${describeValue(type)}${hint} (known: ${known.join(", ")})`);
}

/** The name within a third of its length in edits, or one that contains the word; undefined when none is near. */
function nearestName(word: string, names: readonly string[]): string | undefined {
  const lower = word.toLowerCase().slice(0, 100);
  const scored = names.map((name) => ({ name, distance: editDistance(lower, name.toLowerCase()) }));
  scored.sort((a, b) => a.distance - b.distance);
  const best = scored[0];
  if (best !== undefined && best.distance <= Math.max(2, best.name.length / 3)) return best.name;
  return lower.length < 3 ? undefined : names.find((name) => name.toLowerCase().includes(lower));
}

/** Levenshtein's distance, by the two-row recurrence of Wagner & Fischer (1974). */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[j] + 1, current[j - 1] + 1));
    }
    previous = current;
  }
  return previous[b.length];
}
