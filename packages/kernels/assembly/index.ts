// The one module: every kernel of every family. A kernel is `f(...pointers and numbers, begin, end)`, allocates nothing
// and keeps no mutable globals, because each thread has its own instance on the same memory.
export { fillF64, heapBase } from "./memory";
export { gatherRows, packRows } from "./pack";
export { largestRow, logisticPass, logisticPassSingle, softmaxPass, squaredPass, sumPartials } from "./passes";
export { clusterPass } from "./cluster";
export { descendBatches, descendRows } from "./descent";
export { centreColumns, gramPass } from "./gram";
export { binCategories, binNumbers } from "./binning";
export { boostLevel } from "./boost-histogram";
export { boostBuild, boostSearch } from "./boost-shared";
export {
  boostAddLeaves,
  boostCopyRows,
  boostLogistic,
  boostMoveRows,
  boostNormalizer,
  boostSoftmax,
  boostSplitRows,
  boostSquared,
  boostWalkRows,
} from "./boost-rows";
export { growTrees } from "./tree-grow";
export { predictTrees } from "./tree-predict";
export { nearestBrute, packPanels } from "./distance";
export { nearestInTree } from "./kd-tree";
export { sortColumns } from "./sort";
export { linearSvmEpoch, rbfRow, rbfScores, smoMove, smoPartner, squaredHingeCurvature, squaredHingePass } from "./svm";
