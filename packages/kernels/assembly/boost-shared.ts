// Histograms whose rows several processes hold: built by each, added up between the two kernels, searched by all. Pairs
// are rounded to a grid so coarse that f64 sums of them are exact, so that no order of rows, threads or processes shows.
import { BoostContext, binsOf, gradientsOf, LevelJob } from "./boost-context";
import { anyActive, groupEnd, histogramOf, searchGroup, searchSibling, subtractGroup } from "./boost-histogram";

/** For every job and the groups [begin, end): sums of the job's own rows. `shift`: 1.5 × 2^52 grid steps. */
export function boostBuild(context: usize, shift: f64, begin: u32, end: u32): void {
  const c = changetype<BoostContext>(context);
  for (let group = begin; group < end; group++) {
    const first = group * c.groupSize;
    const last = groupEnd(c, group);
    for (let j: u32 = 0; j < c.jobCount; j++) {
      const job = changetype<LevelJob>(c.jobs + <usize>j * offsetof<LevelJob>());
      const start = histogramOf(c, job.histogram, first);
      memory.fill(start, 0, histogramOf(c, job.histogram, last) - start);
      if (anyActive(c, group)) accumulate(c, job, group, shift);
    }
  }
}

/** For every job and the groups [begin, end): best splits of the node and its sibling. */
export function boostSearch(context: usize, begin: u32, end: u32): void {
  const c = changetype<BoostContext>(context);
  for (let group = begin; group < end; group++) {
    if (!anyActive(c, group)) continue;
    for (let j: u32 = 0; j < c.jobCount; j++) {
      const job = changetype<LevelJob>(c.jobs + <usize>j * offsetof<LevelJob>());
      searchGroup(c, group, job, 2 * j);
      if (job.parent == 0) continue;
      subtractGroup(c, group, job);
      searchSibling(c, group, job, 2 * j + 1);
    }
  }
}

// Internal

@inline
function add(histogram: usize, code: u64, pair: v128): void {
  const at = histogram + (<usize>code << 4);
  v128.store(at, f64x2.add(v128.load(at), pair));
}

function accumulate(c: BoostContext, job: LevelJob, group: u32, shift: f64): void {
  const first = group * c.groupSize;
  const features = groupEnd(c, group) - first;
  const bins = binsOf(c, job.copy) + ((<usize>group * c.rows) << 3);
  const gradients = gradientsOf(c, job.copy);
  const half = f64x2.splat(shift);
  const h0 = histogramOf(c, job.histogram, first);
  const h1 = features > 1 ? histogramOf(c, job.histogram, first + 1) : 0;
  const h2 = features > 2 ? histogramOf(c, job.histogram, first + 2) : 0;
  const h3 = features > 3 ? histogramOf(c, job.histogram, first + 3) : 0;
  const h4 = features > 4 ? histogramOf(c, job.histogram, first + 4) : 0;
  const h5 = features > 5 ? histogramOf(c, job.histogram, first + 5) : 0;
  const h6 = features > 6 ? histogramOf(c, job.histogram, first + 6) : 0;
  const h7 = features > 7 ? histogramOf(c, job.histogram, first + 7) : 0;
  const end = c.index + (<usize>job.end << 2);
  for (let at = c.index + (<usize>job.begin << 2); at < end; at += 4) {
    const row = <usize>load<u32>(at) << 3;
    const codes = load<u64>(bins + row);
    // Adding and taking away a number whose last digit is one step of the grid rounds to the grid.
    const exact = f64x2.promote_low_f32x4(v128.load64_zero(gradients + row));
    const pair = f64x2.sub(f64x2.add(exact, half), half);
    add(h0, codes & 255, pair);
    if (features > 1) add(h1, (codes >> 8) & 255, pair);
    if (features > 2) add(h2, (codes >> 16) & 255, pair);
    if (features > 3) add(h3, (codes >> 24) & 255, pair);
    if (features > 4) add(h4, (codes >> 32) & 255, pair);
    if (features > 5) add(h5, (codes >> 40) & 255, pair);
    if (features > 6) add(h6, (codes >> 48) & 255, pair);
    if (features > 7) add(h7, codes >> 56, pair);
  }
}
