// What was measured, as a page and as a table for the terminal.
import { judged, sizeText } from './judge.mjs';

/** The page `docs/performance.md`. `command` makes it; `isInParts`: its parts were run by themselves, and put together. */
export function pageOf({ machine, results, command, isInParts }) {
  const rows = judged(results).map(({ work, goal, result, verdict }) =>
    [work, goal, sizeText(result), result.measured ?? '', result.against ?? '', verdict].map(cell).join(' | '),
  );
  return `# Performance

This page is made by \`${command}\`${isInParts ? ', its parts run by themselves' : ''}; nothing here is written by hand. Measured on ${machine.date}: ${machine.processor}, ${machine.memory}
of memory, ${machine.node}, ${machine.git}.

| Work | Goal | Measured on | Measured | Compared with | Goal met |
|---|---|---|---|---|---|
${rows.map((row) => `| ${row} |`).join('\n')}

## How it is measured

- Repositories are made by \`git fast-import\`: \`apps/<team>/<app>/<env>/<kind>.yaml\`, ten files in a folder, two of which matter (four of ten
  where it says 40 %), 200 commits, packed. The server is \`git http-backend\` on loopback.
- Every figure of ours is taken in a process of its own and in turn with the git command line, which begins with its own start (a few
  milliseconds) as it does in a script. Times are medians with the 95th percentile; ratios are medians of pairs of one run.
- Memory at its highest is what the system held resident for the process. It has settled three seconds after garbage was collected.
- A round trip is added to every request, whoever makes it; new connections cost nothing more. Sizes are those of bodies of requests and answers.
- The script knows the paths that it edits: \`git clone --depth 1 --no-checkout\`, \`git sparse-checkout\`, \`sed\`, commit, push. The service finds
  them, asks AWS which version is current, proves each edit, and looks whether people turned it down.
- \`npm run bench -- soak 10000\` carries out rotations in tens, each to a pull request that is merged or closed; the hosts are in another process.
  Memory is looked at after collecting garbage. What fills up to a bound shows over the whole run, what has none over its last half too: that is judged.
`;
}

/** The same for a terminal. */
export function tableText(results) {
  return judged(results)
    .filter(({ id }) => results.some(({ row }) => row === id))
    .flatMap(({ work, goal, result, verdict }) => [
      `${work} (${sizeText(result)})`,
      ...lines([
        ['measured', result.measured],
        ['compared with', result.against],
        ['goal', goal === 'none' ? undefined : goal],
        ['', goal === 'none' && result.skipped === undefined ? undefined : verdict],
      ]),
    ])
    .join('\n');
}

function lines(pairs) {
  return pairs.flatMap(([name, text]) => (text === undefined || text === '' ? [] : [`  ${name.padEnd(14)} ${text}`]));
}

function cell(text) {
  return String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
}
