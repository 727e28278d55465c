// The one module: every kernel of every family. A kernel is `f(...pointers and numbers, begin, end)`, allocates nothing
// and keeps no mutable globals, because each thread has its own instance on the same memory.
export { fillF64, heapBase } from "./memory";
export { gatherRows, packRows } from "./pack";
export { largestRow, logisticPass, logisticPassSingle, softmaxPass, squaredPass, sumPartials } from "./passes";
export { clusterPass, roundRows } from "./cluster";
export { descendBatches, descendRows } from "./descent";
export { centrePanels, gramPanels } from "./gram";
export { binCategories, binNumbers } from "./binning";
export { boostLevel } from "./boost-histogram";
export { boostBuild, boostSearch } from "./boost-shared";
export {
  boostLogistic,
  boostNormalizer,
  boostPinball,
  boostSoftmax,
  boostSquared,
  boostTweedie,
} from "./boost-losses";
export { boostCountKeys, boostKeys } from "./boost-quantile";
export {
  boostAddLeaves,
  boostCopyRows,
  boostMoveRows,
  boostSplitRows,
  boostWalkRows,
  boostWeighRows,
} from "./boost-rows";
export { growTrees } from "./tree-grow";
export { sumLeftOut } from "./tree-left-out";
export { layTrees, lessOne, predictTrees } from "./tree-predict";
export { nearestBrute, packPanels } from "./distance";
export { nearestInTree } from "./kd-tree";
export { columnMoments, columnProducts, sweepProducts, sweepRows } from "./sparse";
export { sortColumns } from "./sort";
export { linearSvmEpoch, linearSvrEpoch, squaredHingePass, squaredMarginCurvature, squaredTubePass } from "./svm";
export { smoBlock, smoExtremes, smoGather, smoMove, smoPartner, smoSpread } from "./svm-block";
export { kernelRows, kernelScores } from "./svm-rows";
