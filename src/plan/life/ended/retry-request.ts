/** The label by which people ask for the content of a closed or merged pull request again. */
export const RETRY_LABEL = 'gitops-reloader:retry';

/** The first line of a comment that asks the same. */
export const RETRY_COMMAND = '/gitops-reloader retry';

/** True when a comment, of any length, asks for a retry: its first line says so and nothing else. */
export function asksForRetry(comment: string): boolean {
  const [line = ''] = comment.slice(0, 200).split(/\r?\n/, 1);
  return line.replace(/^[ \t]+|[ \t]+$/g, '') === RETRY_COMMAND;
}

/** True where a pull request has the retry label; GitHub knows no two labels that differ by case alone. */
export function hasRetryLabel(labels: readonly string[]): boolean {
  return labels.some(isRetryLabel);
}

/** True for the retry label in whatever case. */
export function isRetryLabel(label: string): boolean {
  return label.toLowerCase() === RETRY_LABEL;
}
