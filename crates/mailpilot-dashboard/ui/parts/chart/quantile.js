// Quantiles from counts by bucket, and where a value lies among the buckets. Pure.

/**
 * The value below which a share of all lies, as far as buckets can tell: evenly spread within its bucket.
 * In the last bucket, which has no upper end, it is the lower one and thus at least that much.
 *
 * @param {number[]} le upper ends of the buckets
 * @param {number[]} counts one more than `le`
 * @param {number} share such as 0.95
 * @returns {number | null} null where nothing was counted
 */
export function quantile(le, counts, share) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = share * total;
  for (const [index, upper] of le.entries()) {
    const count = counts[index] ?? 0;
    if (count > 0 && left <= count) {
      const lower = index === 0 ? 0 : le[index - 1];
      return lower + (upper - lower) * (left / count);
    }
    left -= count;
  }
  return le.at(-1) ?? null;
}

/**
 * Where a value lies when every bucket is one high: 2.5 is the middle of the third.
 *
 * @param {number[]} le
 * @param {number} value
 */
export function position(le, value) {
  const index = le.findIndex((upper) => value <= upper);
  if (index === -1) return le.length;
  const lower = index === 0 ? 0 : le[index - 1];
  return index + (value - lower) / (le[index] - lower);
}

/**
 * The buckets worth showing: those with something in them and one beside on either side.
 *
 * @param {number[][]} columns counts by bucket
 * @param {number} buckets how many there are
 * @returns {[number, number]} first, and one after the last
 */
export function bucketsShown(columns, buckets) {
  const used = Array.from({ length: buckets }, (_, index) =>
    columns.some((counts) => (counts[index] ?? 0) > 0),
  );
  const first = used.indexOf(true);
  if (first === -1) return [0, buckets];
  return [Math.max(0, first - 1), Math.min(buckets, used.lastIndexOf(true) + 2)];
}
