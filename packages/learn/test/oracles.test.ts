// Which values made by others each component is checked against: no component of the catalogue is without any. Whether the
// values agree is the named tests' affair; here is only that they are there, for which component, and who made them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { componentNames, describeCatalogue } from "../src/catalogue.ts";

/** A test under this folder, the fixture it reads, and where in the fixture the component's values are. */
type Oracle = readonly [test: string, fixture: string, at: string];

const composites = "meta/composites";
const columns = "preprocess/columns";
const weights = "base/weights";
const transformers = "preprocess/transformers";
const glm = "linear/robust-and-generalized";
const online = "linear/solvers-and-online";

const ORACLES: Readonly<Record<string, readonly Oracle[]>> = {
  SimpleImputer: [
    [columns, "columns", "gaps/fills/median"],
    ["preprocess/scalers", "preprocess", "columns/missing/median"],
  ],
  OneHotEncoder: [[columns, "columns", "categories/oneHot"]],
  OrdinalEncoder: [[columns, "columns", "categories/ordinal"]],
  DateParts: [[columns, "columns", "dates/columns/weekday"]],
  StandardScaler: [
    [columns, "columns", "scales/standard"],
    ["preprocess/scalers", "preprocess", "columns/offset/standard"],
  ],
  MinMaxScaler: [
    [columns, "columns", "scales/minMax"],
    ["preprocess/scalers", "preprocess", "columns/offset/minMax"],
  ],
  RobustScaler: [
    [columns, "columns", "scales/robust"],
    ["preprocess/features", "features", "scaling/robustWide"],
  ],
  MaxAbsScaler: [
    [columns, "columns", "scales/maxAbs"],
    ["preprocess/features", "features", "scaling/maxAbs"],
  ],
  KBinsDiscretizer: [
    [columns, "columns", "scales/quantile"],
    ["preprocess/features", "features", "scaling/bins/uniform"],
  ],
  PolynomialFeatures: [[transformers, "transformers", "columns/polynomials"]],
  PowerTransformer: [
    [transformers, "transformers", "columns/powers"],
    [columns, "columns", "scales/powers"],
  ],
  QuantileTransformer: [[transformers, "transformers", "columns/quantiles"]],
  Normalizer: [[transformers, "transformers", "columns/norms"]],
  Binarizer: [[columns, "columns", "scales/binarizer"]],
  SplineTransformer: [[transformers, "transformers", "columns/splines"]],
  CyclicFeatures: [[columns, "columns", "dates/hours"]],
  TargetEncoder: [[transformers, "transformers", "encoders/classes-auto"]],
  CountEncoder: [[columns, "columns", "categories/logs"]],
  FeatureHasher: [["preprocess/wider-features", "wider-features", "hashed/signed"]],
  MissingIndicator: [[columns, "columns", "gaps/missing"]],
  HashingVectorizer: [
    [columns, "columns", "texts/hashed"],
    ["preprocess/hashing", "transformers", "text/hashed"],
  ],
  KNNImputer: [["preprocess/imputers", "imputers", "knn/distance"]],
  IterativeImputer: [["preprocess/wider-features", "wider-features", "filled/converged"]],
  CountVectorizer: [
    [columns, "columns", "texts/counts"],
    ["preprocess/wider-features", "wider-features", "counted/runs"],
  ],
  TfidfVectorizer: [
    [columns, "columns", "texts/tfidf"],
    ["preprocess/features", "features", "text/cases"],
  ],
  VarianceThreshold: [[columns, "columns", "selections/variance"]],
  SelectKBest: [
    ["select/select", "features", "selection/chi2"],
    ["select/select", "selection", "mutual/numbers"],
  ],
  SelectFromModel: [[columns, "columns", "selections/wine"]],
  RecursiveElimination: [["select/select", "selection", "eliminated"]],
  RecursiveEliminationCV: [["select/select", "elimination", "breast_cancer/ranking"]],
  SequentialSelector: [["select/select", "wider-features", "chosen/backward"]],
  PCA: [["decompose/pca", "features", "components/shares"]],
  TruncatedSVD: [["decompose/pca", "unsupervised", "components/svd"]],
  IncrementalPCA: [["decompose/incremental-pca", "decompositions", "increments/digits"]],
  NMF: [
    ["decompose/nmf", "decompositions", "factorisations/digits"],
    ["decompose/nmf", "unsupervised", "components/nmfError"],
  ],
  UMAP: [["neighbors/umap", "decompositions", "embeddings/tsne"]],
  MeanRegressor: [[weights, "weights", "baselines/median, weighted"]],
  LinearRegression: [["linear/reference", "linear", "closedForms/raw/leastSquares"]],
  Ridge: [["linear/reference", "linear", "closedForms/scaled/ridge1"]],
  Lasso: [["linear/sparse", "linear-models", "sparse/diabetes"]],
  ElasticNet: [["linear/sparse", "linear-models", "weightedSparse/elasticNet-1"]],
  HuberRegressor: [[glm, "linear-models", "huber/weighted"]],
  QuantileRegressor: [[glm, "linear-models", "quantiles/0.9-3-weighted"]],
  PoissonRegressor: [[glm, "linear-models", "generalized/poisson-10"]],
  GammaRegressor: [[glm, "linear-models", "generalized/gamma-0.1-weighted"]],
  TweedieRegressor: [[glm, "linear-models", "generalized/tweedie-1.5"]],
  PassiveAggressiveRegressor: [
    [online, "linear-models", "online/squaredEpsilonInsensitive"],
    ["options", "options", "throughOrigin/aggressiveRegressor"],
  ],
  GradientDescentRegressor: [
    ["linear/reference", "linear", "sgd/invscaling"],
    ["linear/descent-variants", "linear-models", "losses/huber"],
  ],
  KNeighborsRegressor: [
    ["neighbors/reference", "neighbors", "distance/values"],
    ["neighbors/metrics", "neighbor-metrics", "nearest/minkowski-distance"],
  ],
  RadiusNeighborsRegressor: [["neighbors/metrics", "neighbor-metrics", "within/cosine-uniform"]],
  DecisionTreeRegressor: [
    ["tree/decision-tree", "trees", "trees"],
    ["tree/weighted-trees", "weighted-trees", "cases"],
  ],
  RandomForestRegressor: [
    ["ensemble/quality", "trees", "ensembles/diamonds/forest"],
    ["options", "options", "forests/diabetes/forest/absolute"],
  ],
  ExtraTreesRegressor: [
    ["ensemble/quality", "trees", "ensembles/diamonds/extra"],
    ["options", "options", "forests/diabetes/extra/pruned"],
  ],
  GradientBoostingRegressor: [
    ["ensemble/boost-losses", "boosting", "poisson/values"],
    ["ensemble/quality", "trees", "ensembles/diamonds/lightgbm"],
    ["quality", "quality", "price/quantile"],
    ["quality", "quality", "price/tweedie"],
    ["quality", "quality", "gaps"],
    ["options", "options", "boosting/monotoneError"],
  ],
  MLPRegressor: [["quality", "quality", "networks/shown"]],
  VotingRegressor: [[composites, "composites", "voted/mean"]],
  StackingRegressor: [[composites, "composites", "stacked/diabetesPassthrough"]],
  MatrixFactorization: [["quality", "quality", "uses/implicit"]],
  MajorityClassifier: [[weights, "weights", "baselines/shares"]],
  LogisticRegression: [
    ["linear/reference", "linear", "logistic/iris-1"],
    [online, "linear-models", "logistic/breast_cancer-l1-0.1-weighted"],
    [weights, "weights", "linear/logistic/three classes"],
  ],
  Perceptron: [
    [online, "linear-models", "online/perceptron-iris"],
    [weights, "weights", "linear/perceptron"],
    ["options", "options", "throughOrigin/perceptron"],
  ],
  PassiveAggressiveClassifier: [
    [online, "linear-models", "online/squaredHinge-iris"],
    [weights, "weights", "linear/aggressive"],
  ],
  GradientDescentClassifier: [
    ["linear/reference", "linear", "sgd/logistic"],
    ["linear/descent-variants", "linear-models", "losses/hinge-iris"],
    [weights, "weights", "linear/descent"],
  ],
  KNeighborsClassifier: [
    ["neighbors/reference", "neighbors", "uniform/probabilities"],
    ["neighbors/metrics", "neighbor-metrics", "nearest/manhattan-uniform"],
  ],
  RadiusNeighborsClassifier: [["neighbors/metrics", "neighbor-metrics", "within/euclidean-distance"]],
  DecisionTreeClassifier: [
    ["tree/decision-tree", "trees", "trees"],
    ["tree/weighted-trees", "weighted-trees", "cases"],
    [weights, "weights", "trees/tree"],
  ],
  RandomForestClassifier: [
    ["ensemble/quality", "trees", "ensembles/digits/forest"],
    [weights, "weights", "trees/forest"],
    ["options", "options", "forests/breast_cancer/forest/entropy"],
  ],
  ExtraTreesClassifier: [
    ["ensemble/quality", "trees", "ensembles/digits/extra"],
    [weights, "weights", "trees/extra"],
    ["options", "options", "forests/breast_cancer/extra/split"],
  ],
  GradientBoostingClassifier: [
    ["ensemble/quality", "trees", "ensembles/penguins/xgboost"],
    ["quality", "quality", "cuts/lightgbm"],
    [weights, "weights", "trees/boosting"],
  ],
  MLPClassifier: [
    ["network/mlp", "networks", "iris/shown"],
    ["quality", "quality", "networks/accuracy"],
  ],
  GaussianNB: [
    ["bayes/reference", "features", "bayes/gaussian"],
    ["bayes/generative", "generative", "gaussianWeighed/shown"],
  ],
  MultinomialNB: [
    ["bayes/reference", "features", "bayes/multinomial"],
    ["options", "options", "priors/multinomial"],
  ],
  ComplementNB: [["bayes/generative", "generative", "complementNormed/shown"]],
  BernoulliNB: [
    ["bayes/generative", "generative", "bernoulli/shown"],
    ["options", "options", "priors/bernoulli"],
  ],
  LinearDiscriminantAnalysis: [
    ["bayes/generative", "generative", "linearShrunk"],
    ["options", "options", "priors/linear"],
  ],
  QuadraticDiscriminantAnalysis: [
    ["bayes/generative", "generative", "quadraticShrunk/shown"],
    ["options", "options", "priors/quadratic"],
  ],
  LinearSVC: [
    ["svm/reference", "features", "margins/iris-hinge"],
    ["svm/kernel-machines", "svm", "linearSvc/squared_hinge"],
    [weights, "weights", "linear/margins/hinge"],
    ["options", "options", "throughOrigin/margin"],
  ],
  LinearSVR: [
    ["svm/kernel-machines", "svm", "linearSvr/epsilon_insensitive-weighted"],
    ["options", "options", "throughOrigin/tube"],
  ],
  SVC: [
    ["svm/kernel-machines", "svm", "svc/sigmoid"],
    [weights, "weights", "linear/decisions"],
  ],
  SVR: [["svm/kernel-machines", "svm", "svr/poly"]],
  CalibratedClassifier: [[composites, "composites", "calibrated/iris"]],
  VotingClassifier: [[composites, "composites", "voted/hard"]],
  StackingClassifier: [[composites, "composites", "stacked/passthrough"]],
  OneClassSVM: [["svm/kernel-machines", "svm", "oneClass/rbf"]],
  KMeans: [["cluster/k-means", "features", "clusters/wine"]],
  IsolationForest: [
    [weights, "weights", "isolation/aucs"],
    ["outliers/outliers", "outliers", "forest/aucs"],
    ["options", "options", "isolation/aucs"],
  ],
  LocalOutlierFactor: [["outliers/outliers", "outliers", "lof/share"]],
  EllipticEnvelope: [["outliers/elliptic-envelope", "decompositions", "ellipses/wine"]],
  MiniBatchKMeans: [[weights, "weights", "batches"]],
  GaussianMixture: [["cluster/clusterers", "unsupervised", "mixtures/tied"]],
  DBSCAN: [["cluster/clusterers", "unsupervised", "density"]],
  AgglomerativeClustering: [["cluster/clusterers", "unsupervised", "hierarchy/ward"]],
};

const here = (path: string) => new URL(path, import.meta.url);
const peers = here("../../../bench/peers/");
const scripts = readdirSync(peers)
  .filter((name) => name.endsWith("_reference.py"))
  .map((name) => readFileSync(new URL(name, peers), "utf8"));
const LIBRARY = /\b(scikit-learn|SciPy|NumPy|pandas|XGBoost|LightGBM|statsmodels|implicit) \d+\.\d+/;
const names = [...componentNames("transformer"), ...componentNames("estimator")];

describe.each(names)("%s", (name) => {
  it("is checked against values that another library made, and that a script makes anew", () => {
    const oracles = ORACLES[name] ?? [];
    expect(oracles.length, `add what ${name} is checked against to the table of this file`).toBeGreaterThan(0);
    for (const [test, fixture, at] of oracles) {
      const file = here(`${test}.test.ts`);
      expect(existsSync(file), `${test}.test.ts`).toBe(true);
      const code = readFileSync(file, "utf8");
      expect(code, `${test}.test.ts does not name ${name}`).toMatch(new RegExp(`\\b${name}\\b`));
      expect(code, `${test}.test.ts does not read ${fixture}.json`).toContain(`fixtures/${fixture}.json`);
      const values = JSON.parse(readFileSync(here(`fixtures/${fixture}.json`), "utf8"));
      expect(values.madeWith, `who made ${fixture}.json`).toMatch(LIBRARY);
      expect(leavesOf(placeIn(values, at)), `${at} of ${fixture}.json`).toBeGreaterThan(0);
      expect(
        scripts.some((script) => script.includes(`${fixture}.json`) || script.includes(`"${fixture}"`)),
        `no script of bench/peers writes ${fixture}.json`,
      ).toBe(true);
    }
  });
});

describe("the table of oracles", () => {
  it("names no component that is none", () => {
    expect(Object.keys(ORACLES).filter((name) => !names.includes(name))).toEqual([]);
  });

  it("has class weights for every classifier that takes them", () => {
    const weighing = describeCatalogue().filter(({ params }) => Object.hasOwn(params, "classWeight"));
    expect(weighing.length).toBeGreaterThan(8);
    for (const { name } of weighing) {
      expect(
        ORACLES[name].some(([test]) => test === weights),
        name,
      ).toBe(true);
    }
  });
});

function placeIn(values: unknown, at: string): unknown {
  return at.split("/").reduce((own, key) => (own as Record<string, unknown> | undefined)?.[key], values);
}

/** How many numbers and names there are. */
function leavesOf(value: unknown): number {
  if (typeof value !== "object" || value === null)
    return typeof value === "number" || typeof value === "string" ? 1 : 0;
  return Object.values(value).reduce((sum: number, own) => sum + leavesOf(own), 0);
}
