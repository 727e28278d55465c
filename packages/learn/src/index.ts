// The public names of the library, one by one. The runtime comes with them, so that who learns needs no second package.

export type { KernelRuntime, KernelVariant, RuntimeOptions } from "@massif/kernels";
export { createRuntime, defaultRuntime, setDefaultRuntime } from "@massif/kernels";
export type { Checkpoint } from "./base/checkpoint.ts";
export type { Communicator } from "./base/communicator.ts";
export { ALONE } from "./base/communicator.ts";
export type {
  ComponentSpec,
  EstimatorInput,
  EstimatorSpec,
  FitContext,
  FittedState,
  Json,
  PartialContext,
  Progress,
  RowPredict,
  RowTransform,
  Slot,
  Task,
  Tensor,
  TensorData,
  TransformerSpec,
} from "./base/component.ts";
export {
  Clusterer,
  Component,
  Estimator,
  hasTarget,
  OutlierDetector,
  TASKS,
  Transformer,
} from "./base/component.ts";
export { ConvergenceWarning, NotFittedError, ParamError, ShapeError } from "./base/errors.ts";
export type {
  BooleanParam,
  ChoiceParam,
  NumberParam,
  Param,
  ParamsOf,
  ParamTable,
  ParamValue,
  ParamValues,
  StringParam,
  StringsParam,
  ValueOf,
} from "./base/params.ts";
export { describeParam, validateParams } from "./base/params.ts";
export { Random } from "./base/random.ts";
export type { RowPart, RowParts } from "./base/row-parts.ts";
export type { RowShare } from "./base/row-share.ts";
export { gatherTable, gatherTarget, gatherValues, shareRows } from "./base/row-share.ts";
export { alignTable, checkTable, schemaOf, tableSchema } from "./base/schema.ts";
export { sha256 } from "./base/sha256.ts";
export type {
  CategoryColumn,
  ClassTarget,
  Column,
  ColumnKind,
  ColumnSchema,
  DateColumn,
  NumberColumn,
  NumberTarget,
  Prediction,
  Table,
  Target,
  TextColumn,
} from "./base/table.ts";
export { takeRows, takeTarget, takeValues } from "./base/take-rows.ts";
export { MajorityClassifier } from "./baseline/majority-classifier.ts";
export { MeanRegressor } from "./baseline/mean-regressor.ts";
export { BernoulliNB } from "./bayes/bernoulli-nb.ts";
export { ComplementNB } from "./bayes/complement-nb.ts";
export { GaussianNB } from "./bayes/gaussian-nb.ts";
export { MultinomialNB } from "./bayes/multinomial-nb.ts";
export { QuadraticDiscriminantAnalysis } from "./bayes/quadratic-discriminant.ts";
export type { ComponentDescription } from "./catalogue.ts";
export {
  CalibratedClassifier,
  componentNames,
  createComponent,
  createEstimator,
  createTransformer,
  describeCatalogue,
  RecursiveElimination,
  RecursiveEliminationCV,
  SelectFromModel,
  SequentialSelector,
  StackingClassifier,
  StackingRegressor,
  VotingClassifier,
  VotingRegressor,
} from "./catalogue.ts";
export { AgglomerativeClustering } from "./cluster/agglomerative-clustering.ts";
export { DBSCAN } from "./cluster/dbscan.ts";
export { GaussianMixture } from "./cluster/gaussian-mixture.ts";
export { KMeans } from "./cluster/k-means.ts";
export { MiniBatchKMeans } from "./cluster/mini-batch-k-means.ts";
export {
  chunkRefusal,
  incrementRefusal,
  keepsRows,
  PartialPipeline,
  type PartOptions,
  passesOf,
} from "./compose/partial-pipeline.ts";
export type { FittedStep, PipelineParts, PipelineState } from "./compose/pipeline.ts";
export { FittedPipeline, fitPipeline, restorePipeline } from "./compose/pipeline.ts";
export type { ColumnChoice, PipelineSpec, StepSpec } from "./compose/pipeline-spec.ts";
export { canonicalJson, canonicalPipeline, hashPipeline, validatePipeline } from "./compose/pipeline-spec.ts";
export { recommendSteps } from "./compose/recommended-steps.ts";
export type { OutputSchema } from "./compose/target.ts";
export { outputSchema } from "./compose/target.ts";
export {
  addEstimates,
  banded,
  type Estimate,
  estimate,
  fitLine,
  type Measurement,
  type RobustLine,
} from "./cost/robust-line.ts";
export { type DataShape, keptBytes, tableBytes, type Work, workOf } from "./cost/work.ts";
export { IncrementalPCA } from "./decompose/incremental-pca.ts";
export { NMF } from "./decompose/nmf.ts";
export { PCA } from "./decompose/pca.ts";
export { TruncatedSVD } from "./decompose/truncated-svd.ts";
export { ExtraTreesClassifier, ExtraTreesRegressor } from "./ensemble/extra-trees.ts";
export { GradientBoostingClassifier, GradientBoostingRegressor } from "./ensemble/gradient-boosting.ts";
export { RandomForestClassifier, RandomForestRegressor } from "./ensemble/random-forest.ts";
export type { Contributions } from "./explain/contributions.ts";
export type { ExplainedColumn, PipelineContributions } from "./explain/explain-pipeline.ts";
export { explainPipeline } from "./explain/explain-pipeline.ts";
export { explainTrees } from "./explain/tree-shap.ts";
export { DivergenceError } from "./linear/divergence-error.ts";
export { ElasticNet } from "./linear/elastic-net.ts";
export { GammaRegressor, PoissonRegressor, TweedieRegressor } from "./linear/generalized-linear.ts";
export { GradientDescentClassifier } from "./linear/gradient-descent-classifier.ts";
export { GradientDescentRegressor } from "./linear/gradient-descent-regressor.ts";
export { HuberRegressor } from "./linear/huber-regressor.ts";
export { Lasso } from "./linear/lasso.ts";
export { LinearDiscriminantAnalysis } from "./linear/linear-discriminant.ts";
export { LogisticRegression } from "./linear/logistic-regression.ts";
export { PassiveAggressiveClassifier, Perceptron } from "./linear/online-classifiers.ts";
export { PassiveAggressiveRegressor } from "./linear/passive-aggressive-regressor.ts";
export { QuantileRegressor } from "./linear/quantile-regressor.ts";
export { LinearRegression, Ridge } from "./linear/ridge.ts";
export { cohenKappa, fBeta, jaccard, type KappaWeights } from "./metrics/agreement.ts";
export type { VMeasure } from "./metrics/cluster-agreement.ts";
export { adjustedMutualInformation, adjustedRand, vMeasure } from "./metrics/cluster-agreement.ts";
export { calinskiHarabasz, daviesBouldin, inertia, silhouette } from "./metrics/clustering.ts";
export type { Average, ConfusionMatrix, PrecisionRecall } from "./metrics/confusion.ts";
export {
  accuracy,
  balancedAccuracy,
  confusionMatrix,
  matthewsCorrelation,
  precisionRecall,
} from "./metrics/confusion.ts";
export type { CalibrationBin, PrecisionRecallPoint, RocPoint, ScoredRows } from "./metrics/curves.ts";
export { averagePrecision, calibrationCurve, histogram, precisionRecallCurve, rocCurve } from "./metrics/curves.ts";
export {
  d2AbsoluteError,
  d2Pinball,
  d2Tweedie,
  gammaDeviance,
  pinballLoss,
  poissonDeviance,
  rootMeanSquaredLogError,
  tweedieDeviance,
} from "./metrics/deviance.ts";
export type { MetricSpec } from "./metrics/evaluate.ts";
export { evaluate, METRICS } from "./metrics/evaluate.ts";
export {
  coverageError,
  hammingLoss,
  type LabelSets,
  labelRankingAveragePrecision,
  labelRankingLoss,
  type ScoredLabels,
  subsetAccuracy,
} from "./metrics/multilabel.ts";
export { separation } from "./metrics/outliers.ts";
export type { AucOptions, Probabilities } from "./metrics/probability.ts";
export {
  brierScore,
  hingeLoss,
  logLoss,
  meanAveragePrecision,
  multiclassAuc,
  rocAuc,
  topKAccuracy,
} from "./metrics/probability.ts";
export {
  averagePrecisionAt,
  dcg,
  meanOverQueries,
  ndcg,
  precisionAt,
  type RankedQuery,
  recallAt,
  reciprocalRank,
} from "./metrics/ranking.ts";
export {
  explainedVariance,
  maxError,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  medianAbsoluteError,
  r2,
  rootMeanSquaredError,
} from "./metrics/regression.ts";
export type { Model, ModelProvenance, SavedModel } from "./model/model-file.ts";
export { loadModel, saveModel } from "./model/model-file.ts";
export { ModelFileError } from "./model/model-file-error.ts";
export type { Predictor, RowPrediction } from "./model/predictor.ts";
export { compilePredictor } from "./model/predictor.ts";
export { recommenderOf } from "./model/recommender-of.ts";
export type { Row, RowProblem, RowValue } from "./model/row.ts";
export { parseDate, validateRow } from "./model/row.ts";
export type { TensorFile } from "./model/safetensors.ts";
export { readTensors, writeTensors } from "./model/safetensors.ts";
export { tableFromRows } from "./model/table-from-rows.ts";
export { KNeighborsClassifier } from "./neighbors/k-neighbors-classifier.ts";
export { KNeighborsRegressor } from "./neighbors/k-neighbors-regressor.ts";
export { LocalOutlierFactor } from "./neighbors/local-outlier-factor.ts";
export { RadiusNeighborsClassifier } from "./neighbors/radius-neighbors-classifier.ts";
export { RadiusNeighborsRegressor } from "./neighbors/radius-neighbors-regressor.ts";
export { UMAP } from "./neighbors/umap.ts";
export { MLPClassifier } from "./network/mlp-classifier.ts";
export { MLPRegressor } from "./network/mlp-regressor.ts";
export type { ExportOptions } from "./onnx/export-model.ts";
export { exportOnnx } from "./onnx/export-model.ts";
export type { Attribute, ElementName, NodeOptions, Weight } from "./onnx/graph.ts";
export { OnnxGraph } from "./onnx/graph.ts";
export type { ExternalTensor, OnnxSummary, OnnxValue } from "./onnx/inspect.ts";
export { inspectOnnx } from "./onnx/inspect.ts";
export { EllipticEnvelope } from "./outliers/elliptic-envelope.ts";
export { IsolationForest } from "./outliers/isolation-forest.ts";
export { Binarizer } from "./preprocess/binarizer.ts";
export { CountEncoder } from "./preprocess/count-encoder.ts";
export { CountVectorizer } from "./preprocess/count-vectorizer.ts";
export { CyclicFeatures } from "./preprocess/cyclic-features.ts";
export { DateParts } from "./preprocess/date-parts.ts";
export { FeatureHasher } from "./preprocess/feature-hasher.ts";
export { HashingVectorizer } from "./preprocess/hashing-vectorizer.ts";
export { IterativeImputer } from "./preprocess/iterative-imputer.ts";
export { KBinsDiscretizer } from "./preprocess/k-bins-discretizer.ts";
export { KNNImputer } from "./preprocess/knn-imputer.ts";
export { MaxAbsScaler } from "./preprocess/max-abs-scaler.ts";
export { MinMaxScaler } from "./preprocess/min-max-scaler.ts";
export { MissingIndicator } from "./preprocess/missing-indicator.ts";
export { Normalizer } from "./preprocess/normalizer.ts";
export { OneHotEncoder } from "./preprocess/one-hot-encoder.ts";
export { OrdinalEncoder } from "./preprocess/ordinal-encoder.ts";
export { PolynomialFeatures } from "./preprocess/polynomial-features.ts";
export { PowerTransformer } from "./preprocess/power-transformer.ts";
export { QuantileTransformer } from "./preprocess/quantile-transformer.ts";
export { RobustScaler } from "./preprocess/robust-scaler.ts";
export { SimpleImputer } from "./preprocess/simple-imputer.ts";
export { SplineTransformer } from "./preprocess/spline-transformer.ts";
export { StandardScaler } from "./preprocess/standard-scaler.ts";
export { TargetEncoder } from "./preprocess/target-encoder.ts";
export { TfidfVectorizer } from "./preprocess/tfidf-vectorizer.ts";
export { MatrixFactorization } from "./recommend/matrix-factorization.ts";
export type { Id, Recommendations, Recommended, RecommendOptions } from "./recommend/recommender.ts";
export { Recommender } from "./recommend/recommender.ts";
export { SelectKBest } from "./select/select-k-best.ts";
export { VarianceThreshold } from "./select/variance-threshold.ts";
export { LinearSVC } from "./svm/linear-svc.ts";
export { LinearSVR } from "./svm/linear-svr.ts";
export { OneClassSVM } from "./svm/one-class-svm.ts";
export { SVC } from "./svm/svc.ts";
export { SVR } from "./svm/svr.ts";
export { DecisionTreeClassifier, DecisionTreeRegressor } from "./tree/decision-tree.ts";
export type { TypeScriptExport, TypeScriptOptions } from "./typescript/export-typescript.ts";
export { exportTypeScript } from "./typescript/export-typescript.ts";
export {
  type BootstrapOptions,
  bootstrapInterval,
  bootstrapMean,
  type Interval,
  type IntervalOptions,
  intervalOf,
} from "./validate/bootstrap.ts";
export {
  correctedTTest,
  fiveByTwoTest,
  holmAdjusted,
  mcNemarTest,
  type TestResult,
} from "./validate/compare-models.ts";
export type { CrossValidateOptions, CrossValidation } from "./validate/cross-validate.ts";
export { crossValidate } from "./validate/cross-validate.ts";
export { type CurveOptions, type CurvePoint, learningCurve, validationCurve } from "./validate/curves.ts";
export { evaluateRows } from "./validate/evaluate-rows.ts";
export {
  groupKFold,
  leaveOneOut,
  stratifiedGroupKFold,
  type TimeSplitOptions,
  timeOrderedSplit,
  timeSeriesSplit,
} from "./validate/group-split.ts";
export { type MetricInterval, mainInterval } from "./validate/main-loss.ts";
export type { ColumnImportance, PermutationOptions } from "./validate/permutation-importance.ts";
export { permutationImportance } from "./validate/permutation-importance.ts";
export type { FoldOptions, RepeatOptions, Split, SplitOptions } from "./validate/split.ts";
export {
  kFold,
  repeatedKFold,
  repeatedStratifiedKFold,
  shuffleSplit,
  stratifiedKFold,
  trainTestSplit,
} from "./validate/split.ts";
export { VERSION } from "./version.ts";
