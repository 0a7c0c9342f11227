import { plainText } from '../../domain/plain-text.ts';
import { examineConfig } from '../../wire/examine-config.ts';
import type { Console } from '../console.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadConfigFile } from '../load-config-file.ts';

export interface DoctorOptions {
  readonly config: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

/** `doctor`: the configuration, then every connection it names. Exit code 1 when any of them fails. */
export async function doctorCommand(options: DoctorOptions, console: Console): Promise<ExitCode> {
  const config = await loadConfigFile(options.config, console);
  const checked = { subject: 'configuration', ok: true, detail: `${options.config} is valid`, hint: null };
  const tried = options.offline === true ? [] : await examineConfig(config, AbortSignal.timeout(120_000));
  const findings = [checked, ...tried];
  if (options.json === true) console.out(`${JSON.stringify(findings, null, 2)}\n`);
  else {
    for (const { subject, ok, detail, hint } of findings) {
      console.out(`${ok ? 'ok  ' : 'FAIL'}  ${plainText(subject)}: ${plainText(detail, 500)}\n`);
      if (hint !== null) console.out(`      next: ${plainText(hint, 500)}\n`);
    }
  }
  return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
}
