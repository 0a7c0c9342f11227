/** The last paragraph of a message that a stranger may have written, without blanks at its end: trailers stand there. */
export function lastParagraph(message: string): string {
  return (
    message
      .trimEnd()
      .split(/\r?\n\r?\n/)
      .at(-1) ?? ''
  );
}
