/** A page's text with this story in the place that is kept for it. */
export function withStory(page: string, layout: string, story: string): string {
  const mark = `<!-- story: ${layout} -->`;
  const [before, after] = page.split(`${mark}\n`);
  if (before === undefined || after === undefined) throw new Error(`no place for the story of ${layout}`);
  return `${before}${mark}\n\n\`\`\`text\n${story}\n\`\`\`\n${after.replace(/^\n```text\n[^`]*```\n/, '')}`;
}
