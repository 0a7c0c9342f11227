import { nameOf, offsetOf, type Section } from '../section.ts';
import { readSection, readTexts } from '../values.ts';

const MOST_OPTIONS = 16;

/** `spec.repositories[].git`: what is told to the Git host beside a push. */
export function readPushOptions(repository: Section): readonly string[] {
  const git = readSection(repository, 'git');
  const options = readTexts(git, 'pushOptions');
  if (options.length <= MOST_OPTIONS) return options;
  const message = `${nameOf(git, 'pushOptions')} has ${options.length} entries, and at most ${MOST_OPTIONS} are sent`;
  git.report.problem(offsetOf(git, 'pushOptions'), message, 'leave some out');
  return options.slice(0, MOST_OPTIONS);
}
