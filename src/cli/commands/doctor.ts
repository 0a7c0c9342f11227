import { plainText } from '../../domain/plain-text.ts';
import { examineConfig } from '../../wire/examine-config.ts';
import { signingFound } from '../../wire/signing/tell-signing.ts';
import { usesFound } from '../../wire/uses/tell-uses.ts';
import type { Console } from '../console.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadConfigFiles, namesOf } from '../load-config-file.ts';

export interface DoctorOptions {
  readonly config: readonly string[];
  readonly offline?: boolean;
  readonly json?: boolean;
}

/** `doctor`: the configuration, what is noted in it, what would be used, then every connection it names. Exit code 1 when any of them fails. */
export async function doctorCommand(options: DoctorOptions, console: Console): Promise<ExitCode> {
  const { config, notices } = await loadConfigFiles(options.config, console);
  const checked = { subject: 'configuration', ok: true, detail: `${namesOf(options.config)} is valid`, hint: null };
  const noted = notices.map(({ message, file, line, column, hint }) => {
    const place = [file, line, column].filter((part) => part !== null).join(':');
    return { subject: place, ok: true, detail: message, hint: hint ?? 'nothing needs to be done' };
  });
  const uses = await usesFound(config);
  const signing = await signingFound(config);
  const isOver = options.offline === true || uses.some(({ ok }) => !ok);
  const tried = isOver ? [] : await examineConfig(config, AbortSignal.timeout(120_000));
  const findings = [checked, ...noted, ...uses, ...signing, ...tried];
  if (options.json === true) console.out(`${JSON.stringify(findings, null, 2)}\n`);
  else {
    for (const { subject, ok, detail, hint } of findings) {
      // What is fine and has a next step all the same is a note.
      const label = ok ? (hint === null ? 'ok  ' : 'note') : 'FAIL';
      console.out(`${label}  ${plainText(subject)}: ${plainText(detail, 500)}\n`);
      if (hint !== null) console.out(`      next: ${plainText(hint, 500)}\n`);
    }
  }
  return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
}
