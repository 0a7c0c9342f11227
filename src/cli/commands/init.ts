import { fileURLToPath } from 'node:url';
import { translateEsoReloader } from '../../config/write/translate.ts';
import { Failure } from '../../domain/failure.ts';
import { plainText } from '../../domain/plain-text.ts';
import { formatProblem, type Problem } from '../../domain/problem.ts';
import { type Console, readNamedFile, writeNewFile } from '../console.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

export interface InitOptions {
  readonly fromEsoReloader?: string;
  readonly output?: string;
  readonly json?: boolean;
}

interface Made {
  readonly config: string;
  readonly notes: readonly Problem[];
}

/**
 * `init`: a commented configuration on standard output, or in a new file; the sample, or a translation of ESO Reloader's
 * Config together with what has no equivalent.
 */
export async function initCommand(options: InitOptions, console: Console): Promise<ExitCode> {
  const { fromEsoReloader, output, json } = options;
  const made = fromEsoReloader === undefined ? await sample() : await translation(fromEsoReloader, console);
  if (output !== undefined) await writeNewFile(output, made.config);
  if (json === true) console.out(`${JSON.stringify(made, null, 2)}\n`);
  else {
    for (const note of made.notes) console.note(formatProblem(note));
    if (output === undefined) console.out(made.config);
  }
  if (output !== undefined) console.note(`${plainText(output)} is written`);
  return EXIT.ok;
}

async function sample(): Promise<Made> {
  const file = fileURLToPath(new URL('../../../templates/config.yaml', import.meta.url));
  return { config: await readNamedFile(file), notes: [] };
}

async function translation(file: string, console: Console): Promise<Made> {
  const translated = translateEsoReloader({ file, text: await readNamedFile(file) });
  if (translated.kind === 'text') return { config: translated.text, notes: translated.notices };
  for (const problem of translated.problems) console.note(formatProblem(problem));
  throw new Failure(`${plainText(file)} cannot be translated: ${translated.problems.length} problem(s)`, {
    code: 'config-invalid',
    retry: 'never',
    hint: 'Mend them in the file, or leave out what they are about.',
  });
}
