// The rows of the page, and whether a result meets its goal.
import { readFileSync } from 'node:fs';
import { rounded } from './statistics.mjs';

/** Every row, in order: what is measured, and what is to be reached at which size. */
const ROWS = JSON.parse(readFileSync(new URL('rows.json', import.meta.url), 'utf8'));

/** Results with their rows, in the order of these; a row that nobody measured is there too. */
export function judged(results) {
  return ROWS.map((row) => {
    const result = results.find((one) => one.row === row.id) ?? { skipped: 'not measured' };
    return { ...row, result, verdict: verdictOf(row, result) };
  });
}

/** How large what was measured was, for people. */
export function sizeText({ files, rotations }) {
  if (rotations !== undefined) return `${rotations.toLocaleString('en')} rotations`;
  return files === undefined ? '' : `${files.toLocaleString('en')} manifests`;
}

function verdictOf(row, result) {
  if (result.skipped !== undefined) return result.skipped;
  const [limit, sign] = row.atMost === undefined ? [row.atLeast, 'least'] : [row.atMost, 'most'];
  if (limit === undefined) return 'no goal';
  const { value } = result;
  const isMet = sign === 'most' ? value <= limit : value >= limit;
  const size = row.files ?? row.rotations;
  const isWhole = (result.files ?? result.rotations) >= size;
  const judgement = isMet ? `met: ${rounded(value)} ${row.unit}` : missed(row, value, limit);
  return isWhole ? judgement : `${judgement} (the goal is for ${sizeText(row)})`;
}

function missed({ unit, atMost }, value, limit) {
  const times = atMost === undefined ? limit / value : value / limit;
  return `missed: ${rounded(value)} ${unit}, ${rounded(times)} times the goal`;
}
