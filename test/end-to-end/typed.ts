import { main } from '../../src/cli/program.ts';

/** What a command printed, and its exit code. */
export interface Typed {
  readonly code: number;
  readonly out: string;
  readonly notes: string;
}

/** Types a command as a person would, in this process: for commands that need no environment of their own. */
export async function type(...args: readonly string[]): Promise<Typed> {
  let out = '';
  const notes: string[] = [];
  const code = await main(['node', 'gitops-reloader', ...args], {
    out: (text) => {
      out += text;
    },
    note: (text) => void notes.push(text),
    progress: () => undefined,
  });
  return { code, out, notes: notes.join('\n') };
}
