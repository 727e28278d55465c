// Figures of merit of a ranking: how early what is relevant to a query comes. DCG and NDCG are scikit-learn's, gains as
// they are; the others count a document as relevant when its relevance is above 0, and keep ties in their given order.

/** The documents of one query. */
export interface RankedQuery {
  /** How relevant each is, from 0. */
  readonly relevance: Float64Array;
  /** Higher: ranked earlier; as long as `relevance`. */
  readonly scores: Float64Array;
}

/**
 * Discounted cumulative gain of the first `k` (Järvelin & Kekäläinen 2002): relevance by log₂ of 1 + rank; documents
 * with equal scores share their discounts (McSherry & Najork 2008).
 */
export function dcg({ relevance, scores }: RankedQuery, k = relevance.length): number {
  const order = ranked(scores);
  let total = 0;
  for (let begin = 0; begin < order.length; ) {
    let [end, gain, discount] = [begin, 0, 0];
    for (; end < order.length && scores[order[end]] === scores[order[begin]]; end++) {
      gain += relevance[order[end]];
      if (end < k) discount += 1 / Math.log2(end + 2);
    }
    total += (gain / (end - begin)) * discount;
    begin = end;
  }
  return total;
}

/** DCG by that of the best order; 0 where nothing is relevant. */
export function ndcg({ relevance, scores }: RankedQuery, k = relevance.length): number {
  const best = dcg({ relevance, scores: relevance }, k);
  return best > 0 ? dcg({ relevance, scores }, k) / best : 0;
}

/** One by the rank of the first relevant document; 0 without one. Its mean over queries is MRR. */
export function reciprocalRank({ relevance, scores }: RankedQuery): number {
  const first = ranked(scores).findIndex((document) => relevance[document] > 0);
  return first < 0 ? 0 : 1 / (first + 1);
}

/** Share of the first `k` that is relevant. */
export function precisionAt(query: RankedQuery, k: number): number {
  return hits(query, k) / k;
}

/** Share of what is relevant that is among the first `k`; 0 where nothing is. */
export function recallAt(query: RankedQuery, k: number): number {
  const all = hits(query, query.relevance.length);
  return all === 0 ? 0 : hits(query, k) / all;
}

/** Mean precision at the ranks of the relevant among the first `k`, of at most `k` relevant. Its mean is MAP@k. */
export function averagePrecisionAt(query: RankedQuery, k: number): number {
  const { relevance, scores } = query;
  const order = ranked(scores).slice(0, k);
  let [found, sum] = [0, 0];
  order.forEach((document, i) => {
    if (!(relevance[document] > 0)) return;
    found += 1;
    sum += found / (i + 1);
  });
  const all = Math.min(hits(query, relevance.length), k);
  return all === 0 ? 0 : sum / all;
}

/** The mean of a figure over queries, such as `meanOverQueries(queries, (query) => ndcg(query, 10))`. */
export function meanOverQueries(queries: readonly RankedQuery[], figure: (query: RankedQuery) => number): number {
  return queries.reduce((sum, query) => sum + figure(query), 0) / queries.length;
}

// Internal

function ranked(scores: Float64Array): Uint32Array {
  return Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
}

function hits({ relevance, scores }: RankedQuery, k: number): number {
  return ranked(scores).reduce((count, document, i) => count + (i < k && relevance[document] > 0 ? 1 : 0), 0);
}
