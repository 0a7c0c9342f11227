/** Something wrong in a text that a person wrote: collected, never thrown, shown with its place. */
export interface Problem {
  readonly message: string;
  readonly file: string;
  /** From 1; null where the whole file is meant. */
  readonly line: number | null;
  readonly column: number | null;
  readonly hint: string | null;
}

/** `file:line:column: message (hint)`, as compilers write it. */
export function formatProblem(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== null).join(':');
  return `${place}: ${problem.message}${problem.hint === null ? '' : ` (${problem.hint})`}`;
}
