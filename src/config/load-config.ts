import { isMap, isNode, isSeq, type Node } from 'yaml';
import type { Problem } from '../domain/problem.ts';
import { type Config, type LoadedConfig, TRANSPORTS } from './config.ts';
import { API_VERSIONS, KINDS } from './keys/general-keys.ts';
import { readAws } from './read/aws.ts';
import { readDestinations } from './read/destinations.ts';
import { readRepositories } from './read/repositories.ts';
import { openSection, type Report, type Section } from './read/section.ts';
import { readSources } from './read/sources.ts';
import {
  readChoice,
  readDuration,
  readFlag,
  readInteger,
  readSection,
  readText,
  readTextOrNull,
} from './read/values.ts';
import { readYamlFile } from './read/yaml-file.ts';
import { brokenRules } from './rules.ts';

const MAX_PROBLEMS = 100;

/**
 * Reads a config. `file` is its name in messages. Either a complete Config, or every problem with line, column and hint;
 * no message ever repeats a value.
 */
export function loadConfig(text: string, file: string): LoadedConfig {
  const yaml = readYamlFile(text, file);
  if (yaml.kind === 'problems') return { kind: 'problems', problems: yaml.problems.slice(0, MAX_PROBLEMS) };
  const problems: Problem[] = [];
  const notices: Problem[] = [];
  const report: Report = {
    problem: (offset, message, hint) => problems.push({ message, file, ...yaml.placeOf(offset), hint }),
    notice: (offset, message, hint) => notices.push({ message, file, ...yaml.placeOf(offset), hint }),
  };
  const config = readConfig(openSection(yaml.root, { path: '', shown: '', report }));
  for (const { path, message, hint } of brokenRules(config)) report.problem(offsetAt(yaml.root, path), message, hint);
  if (problems.length > 0) return { kind: 'problems', problems: inOrder(problems).slice(0, MAX_PROBLEMS) };
  return { kind: 'config', config, notices: inOrder(notices) };
}

function readConfig(root: Section): Config {
  readChoice(root, 'apiVersion', API_VERSIONS);
  readChoice(root, 'kind', KINDS);
  const spec = readSection(root, 'spec');
  const secretsDir = readText(spec, 'secretsDir').replace(/\/+$/, '');
  const coalesce = readSection(spec, 'coalesce');
  const aws = readAws(readSection(spec, 'aws'));
  const git = readSection(spec, 'git');
  const status = readSection(spec, 'status');
  return {
    instance: readText(readSection(root, 'metadata'), 'name'),
    paused: readFlag(spec, 'paused'),
    sources: readSources(spec, secretsDir, aws.endpoints.sqs),
    destinations: readDestinations(spec),
    aws,
    repositories: readRepositories(spec, secretsDir),
    coalesce: {
      windowMilliseconds: readDuration(coalesce, 'window'),
      capMilliseconds: readDuration(coalesce, 'cap'),
    },
    reconcile: { intervalMilliseconds: readDuration(readSection(spec, 'reconcile'), 'interval') },
    git: { transport: readChoice(git, 'transport', TRANSPORTS), cacheDir: readTextOrNull(git, 'cacheDir') },
    sweep: { intervalMilliseconds: readDuration(readSection(spec, 'sweep'), 'interval') },
    status: {
      host: readText(status, 'host'),
      port: readInteger(status, 'port'),
      isPortNamed: status.values.has('port'),
    },
    secretsDir,
  };
}

/** The offset of the innermost node on a path that is there. */
function offsetAt(root: Node, path: readonly (string | number)[]): number {
  let node = root;
  for (const part of path) {
    const next: unknown = isMap(node) || isSeq(node) ? node.get(part, true) : undefined;
    if (!isNode(next)) break;
    node = next;
  }
  return node.range?.[0] ?? 0;
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted(
    (left, right) => (left.line ?? 0) - (right.line ?? 0) || (left.column ?? 0) - (right.column ?? 0),
  );
}
