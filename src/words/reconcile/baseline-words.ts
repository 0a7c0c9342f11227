import { sha256Hex } from '../../domain/digest.ts';
import { count } from '../commit-message.ts';
import { boundedTable, code, prose } from '../markdown.ts';
import { fittingBody, type PullRequestText } from '../pull-request.ts';
import { BASELINE } from '../trailers.ts';

/** An object that lacked a baseline. */
export interface AddedObject {
  readonly path: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  /** One for each secret. */
  readonly token: readonly unknown[];
}

/** What is recorded. */
export interface BaselineSubject {
  /** Where, and the whole text as it becomes. */
  readonly path: string;
  readonly text: string;
  /** What lacked one. */
  readonly added: readonly AddedObject[];
  readonly isFirst: boolean;
}

/** The words of the pull request that records a baseline, and of its commit. The same baseline is the same words. */
export function baselineWords(about: BaselineSubject): { readonly message: string; readonly text: PullRequestText } {
  const title = about.isFirst ? 'Record the baseline of secret versions' : 'Add new objects to the baseline';
  const trailer = `${BASELINE}: ${sha256Hex(about.text, 32)}`;
  const message = `${title}\n\n${WHY.replaceAll(/(.{1,100})(?: |$)/g, '$1\n').trimEnd()}\n\n${trailer}\n`;
  const body = fittingBody(`${trailer}\n`, (limit) => [
    `${WHY} No value is read or shown here.`,
    `### What this does\n\n${effectsOf(about)
      .map((line) => `- ${line}`)
      .join('\n')}`,
    `### What is recorded\n\n${recorded(about, limit)}`,
    'To turn it down, close it: it is not proposed again. To be asked again, comment `/gitops-reloader retry` here. `spec.reconcile.baseline: none` turns it off.',
  ]);
  return { message, text: { title, body: body ?? `${trailer}\n` } };
}

const WHY =
  'A rotation whose event was lost is found by comparing AWS with what Git says. These objects have no version in Git yet, so nobody could tell that they are behind.';

function effectsOf({ path }: BaselineSubject): readonly string[] {
  return [
    `It adds to ${code(path)} which versions were current when this was proposed, and changes nothing else.`,
    'It refreshes nothing and restarts nothing: no manifest is touched.',
    'From its merge on, an object whose secret has another version than recorded is proposed, also where that happened while this was open.',
  ];
}

function recorded({ added }: BaselineSubject, limit: number): string {
  const table = boundedTable({
    header: ['Object', 'File', 'Secrets'],
    items: added,
    row: ({ path, kind, namespace, name, token }) => [
      code(`${kind} ${namespace === null ? name : `${namespace}/${name}`}`),
      code(path, 200),
      prose(count(token.length, 'secret')),
    ],
    limit,
  });
  return `${count(added.length, 'object')}:\n\n${table}`;
}
