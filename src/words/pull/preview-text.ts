import { plainText } from '../../domain/plain-text.ts';
import type { Stage } from '../../domain/policy.ts';
import type { Said } from '../templates/say-proposal.ts';

/** A pull request as it would be opened, and the message of its commit. */
export interface Preview extends Pick<Said, 'passedOver'> {
  readonly branch: string;
  /** The group's name for people, with its part. */
  readonly group: string;
  readonly stage: Stage;
  readonly title: string;
  readonly body: string;
  readonly message: string;
}

/** Longer lines than a body has. */
const MAX_LINE = 65_536;

/** Previews as text for a terminal: nothing in it acts on one. */
export function previewText(previews: readonly Preview[]): string {
  return [`${previews.length} pull request(s), as they would be opened`, ...previews.flatMap(linesOf), ''].join('\n');
}

function linesOf({ branch, stage, title, message, body, passedOver }: Preview): readonly string[] {
  return [
    '',
    `  ${plainText(branch)}  stage ${stage}`,
    ...passedOver.map(({ template, reason }) => `    note:    the template of ${template} was passed over. ${reason}`),
    `    title:   ${plainText(title)}`,
    '    commit:',
    ...indented(message),
    '    body:',
    ...indented(body),
  ];
}

function indented(text: string): readonly string[] {
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => (line === '' ? '' : `      ${plainText(line, MAX_LINE)}`));
}
