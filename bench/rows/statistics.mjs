// Medians, and the texts that figures are printed as.

/** The value below which so many of a hundred are; the highest of few. */
export function percentile(values, percent) {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1)];
}

export function median(values) {
  return percentile(values, 50);
}

/** Runs two measurements in turn (A B A B …): what else the machine does hits both. */
export async function inPairs(runs, first, second) {
  const pairs = [];
  for (let at = 0; at < runs; at += 1) pairs.push([await first(at), await second(at)]);
  return pairs;
}

/** Of pairs of times: how many of the second the first takes, pair by pair. */
export function medianRatio(pairs) {
  return median(pairs.map(([left, right]) => left / right));
}

/** How much `y` grows for one of `x`, by least squares. */
export function slope(points) {
  const mean = (pick) => points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [x, y] = [mean((point) => point[0]), mean((point) => point[1])];
  const over = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  const under = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return under === 0 ? 0 : over / under;
}

/** `1.23 s`, `45.6 ms`. */
export function timeText(milliseconds) {
  return milliseconds >= 1000 ? `${rounded(milliseconds / 1000)} s` : `${rounded(milliseconds)} ms`;
}

/** Median and p95. */
export function timesText(times) {
  return `${timeText(median(times))} (p95 ${timeText(percentile(times, 95))})`;
}

export function kilobytesText(bytes) {
  return bytes >= 1024 * 1024 ? `${rounded(bytes / 1024 / 1024)} MB` : `${rounded(bytes / 1024)} KB`;
}

/** Three digits that count. */
export function rounded(value) {
  if (Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

/** `1 push`, `2 pushes`. */
export function countText(count, one, many) {
  return `${count} ${count === 1 ? one : many}`;
}
