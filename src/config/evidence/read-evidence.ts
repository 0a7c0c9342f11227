import type { EvidencePolicy, StatusMapping } from '../../domain/life/evidence-policy.ts';
import { nameOf, offsetOf, type Section } from '../read/section.ts';
import { readDuration, readSection, readSectionsOrNull, readTexts } from '../read/values.ts';

const MOST_MAPPINGS = 100;
const MOST_CONTEXTS = 20;

/** `evidence` of a branch. */
export function readEvidence(branch: Section): EvidencePolicy {
  const evidence = readSection(branch, 'evidence');
  const mappings = readSectionsOrNull(evidence, 'statuses') ?? [];
  if (mappings.length > MOST_MAPPINGS) {
    const message = `${nameOf(evidence, 'statuses')} has more than ${MOST_MAPPINGS} entries`;
    evidence.report.problem(offsetOf(evidence, 'statuses'), message, 'let patterns stand for several paths');
  }
  return { statuses: mappings.map(readMapping), delayMilliseconds: readDuration(evidence, 'delay') };
}

function readMapping(mapping: Section): StatusMapping {
  const contexts = readTexts(mapping, 'contexts');
  const name = nameOf(mapping, 'contexts');
  const report = (message: string, hint: string) =>
    mapping.report.problem(offsetOf(mapping, 'contexts'), message, hint);
  if (contexts.length === 0 && mapping.values.has('contexts')) {
    report(`${name} names nothing`, 'without an entry for a path, settle decides');
  }
  if (contexts.length > MOST_CONTEXTS) {
    report(`${name} has more than ${MOST_CONTEXTS} entries`, 'let patterns stand for several contexts');
  }
  return { paths: readTexts(mapping, 'paths'), contexts };
}
