import { plainText } from '../../domain/plain-text.ts';
import { describeEvents, type EventDescription } from '../../service/report/describe-events.ts';
import { type Console, readNamedFile } from '../console.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/** `decode FILE...`: what each event or SQS message file means. A text that means nothing is a result, not an error. */
export async function decodeCommand(
  files: readonly string[],
  options: { readonly json?: boolean },
  console: Console,
): Promise<ExitCode> {
  const decoded: { file: string; results: readonly EventDescription[] }[] = [];
  for (const file of files) decoded.push({ file, results: describeEvents(await readNamedFile(file)) });
  console.out(options.json === true ? `${JSON.stringify(decoded, null, 2)}\n` : decoded.map(asText).join(''));
  return EXIT.ok;
}

function asText({ file, results }: { readonly file: string; readonly results: readonly EventDescription[] }): string {
  const lines = results.flatMap(({ kind, eventName, action, secret, versionId, reason }) => [
    `  ${action}: ${reason}`,
    `    kind ${kind}, event ${plainText(eventName ?? 'none')}, secret ${plainText(secret?.name ?? 'none')}, version ${plainText(versionId ?? 'none')}`,
  ]);
  return [plainText(file), ...lines, ''].join('\n');
}
