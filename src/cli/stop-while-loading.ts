import { EXIT } from './exit-codes.ts';

/**
 * Process 1 of a container ignores a SIGTERM that nobody listens for: while the program is still loading, it ends it at once with
 * exit code 0, since nothing was begun. Only `run` ends well when it is stopped; every other command is left to the system.
 * Returns what hands over to the command that was typed.
 */
export function stopWhileLoading(argv: readonly string[]): () => void {
  if (argv[2] !== 'run') return () => undefined;
  process.on('SIGTERM', leave);
  return () => void process.off('SIGTERM', leave);
}

function leave(): never {
  return process.exit(EXIT.ok);
}
