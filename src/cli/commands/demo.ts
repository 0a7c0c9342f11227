import { runDemo } from '../../demo/run-demo.ts';
import type { Console } from '../console.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/** `demo`: the main job against the embedded world. Exit code 0 only if every claim it makes was checked and is true. */
export async function demoCommand(console: Console): Promise<ExitCode> {
  const succeeded = await runDemo((text) => console.out(`${text}\n`));
  return succeeded ? EXIT.ok : EXIT.failed;
}
