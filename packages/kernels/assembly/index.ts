// The one module: every kernel of every family. A kernel is `f(...pointers and numbers, begin, end)`, allocates nothing
// and keeps no mutable globals, because each thread has its own instance on the same memory.
export { heapBase, fillF64 } from "./memory";
