import { neutral } from '../commit-message.ts';

/** A hostile text for a title or a subject: one line in which nothing is marked up, mentioned, referred to or linked. */
export function lineText(text: string): string {
  return neutral(text)
    .replaceAll(/[`<>|\\[\]*~]/g, encoded)
    .replaceAll(EMOJI, '%3A');
}

/** `:tada:`, and no region between two colons. */
const EMOJI = /:(?![a-z]{2,4}(?:-[a-z]+)+-\d{1,2}:)(?=[a-z0-9_+-]+:)/gi;

function encoded(sign: string): string {
  return `%${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase()}`;
}
