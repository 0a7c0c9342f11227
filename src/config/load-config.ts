import { isMap, isNode, isSeq, type Node } from 'yaml';
import { BASELINE_MODES } from '../domain/policy.ts';
import type { Problem } from '../domain/problem.ts';
import { type Config, type LoadedConfig, type NetworkConfig, TRANSPORTS } from './config.ts';
import { readEsoDocument } from './eso-reloader/read-eso-document.ts';
import { joinDocuments } from './join/join-documents.ts';
import { narrowOrders } from './join/narrow-orders.ts';
import { type ConfigDocument, type ConfigFile, type Findings, readDocuments } from './join/read-documents.ts';
import { API_VERSIONS, KINDS } from './keys/general-keys.ts';
import { JOINED_TABLE, type KeyTable, OWN_TABLE } from './keys/table.ts';
import { readAws } from './read/aws.ts';
import { readDestinations } from './read/destinations.ts';
import { readRepositories } from './read/repositories.ts';
import { absentSection, nameOf, offsetOf, openSection, type Report, type Section } from './read/section.ts';
import { readSecretRef, readSources } from './read/sources.ts';
import {
  readChoice,
  readDuration,
  readFlag,
  readInteger,
  readSection,
  readSectionOrNull,
  readText,
  readTextOrNull,
  readTexts,
} from './read/values.ts';
import { brokenRules } from './rules.ts';

const MAX_PROBLEMS = 100;

/** Reads one file as {@link loadConfigs} does. */
export function loadConfig(text: string, file: string): LoadedConfig {
  return loadConfigs([{ file, text }]);
}

/**
 * Reads a config: the documents of these files together, at most one in our own format and any number of ESO Reloader's.
 * Either a complete Config, or every problem with file, line, column and hint; no message ever repeats a value.
 */
export function loadConfigs(files: readonly ConfigFile[]): LoadedConfig {
  const findings: Findings = { problems: [], notices: [] };
  const documents = readDocuments(files, findings);
  if (findings.problems.length > 0) return ended(files, findings.problems);
  const config = readAll(documents);
  if (findings.problems.length > 0) return ended(files, findings.problems);
  const ownFile = documents.find(({ format }) => format === 'own')?.file ?? null;
  return { kind: 'config', config, notices: inOrder(files, findings.notices), ownFile };
}

function ended(files: readonly ConfigFile[], problems: readonly Problem[]): LoadedConfig {
  return { kind: 'problems', problems: inOrder(files, problems).slice(0, MAX_PROBLEMS) };
}

function readAll(documents: readonly ConfigDocument[]): Config {
  const [own, ...more] = documents.filter(({ format }) => format === 'own');
  const foreign = documents.filter(({ format }) => format === 'eso-reloader');
  for (const { root, report } of more) {
    const message = 'a second document of our own format begins here';
    report.problem(offsetAt(root, []), message, 'keep one: only those of ESO Reloader may be several');
  }
  const table = foreign.length === 0 ? OWN_TABLE : JOINED_TABLE;
  const root = openOwn(own ?? null, foreign[0] ?? null, table);
  const spec = readSection(root, 'spec');
  const alone = readConfig(root, spec);
  const read = foreign.map((document) => readEsoDocument(document.root, document.report, alone.secretsDir));
  const [first, ...others] = read;
  const joined = first === undefined ? alone : joinDocuments({ config: alone, spec }, [first, ...others]);
  if (own === undefined) return noRepository(narrowOrders(joined).config, first?.spec ?? spec);
  for (const { path, message, hint } of brokenRules(joined))
    own.report.problem(offsetAt(own.root, path), message, hint);
  const { config, narrowed } = narrowOrders(joined);
  for (const path of narrowed) noteNarrowed(own, path);
  return config;
}

/** Our own document; where there is none, one that says nothing and reports where ESO Reloader's begins. */
function openOwn(own: ConfigDocument | null, foreign: ConfigDocument | null, table: KeyTable): Section {
  const report = own?.report ?? foreign?.report ?? SILENT;
  const place = { path: '', shown: '', table, report };
  return own === null ? absentSection(place, 0) : openSection(own.root, place);
}

const SILENT: Report = { problem: () => undefined, notice: () => undefined };

/** Whether a notice says that no repository is named. */
export function isAboutRepositories({ message }: Problem): boolean {
  return message === NO_REPOSITORY;
}

const NO_REPOSITORY = 'no repository is named: nothing can be proposed';

function noRepository(config: Config, spec: Section): Config {
  const hint =
    'add a document of apiVersion gitops-reloader.dev/v1alpha1 with spec.repositories, here or as another --config';
  spec.report.notice(spec.offset, NO_REPOSITORY, hint);
  return config;
}

function noteNarrowed(own: ConfigDocument, path: readonly (string | number)[]): void {
  if (!own.root.hasIn(path)) return;
  const message = 'this order has no effect: no destination is a workload, so it is refreshOnly';
  own.report.notice(
    offsetAt(own.root, path),
    message,
    'write refreshOnly, or add the workloads to spec.destinationsToWatch',
  );
}

function readConfig(root: Section, spec: Section): Config {
  readChoice(root, 'apiVersion', API_VERSIONS);
  readChoice(root, 'kind', KINDS);
  const secretsDir = readText(spec, 'secretsDir').replace(/\/+$/, '');
  const coalesce = readSection(spec, 'coalesce');
  const aws = readAws(readSection(spec, 'aws'), secretsDir);
  const reconcile = readSection(spec, 'reconcile');
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
      urgent: readTexts(coalesce, 'urgent'),
    },
    reconcile: {
      isAutomatic: readFlag(reconcile, 'automatic'),
      intervalMilliseconds: readDuration(reconcile, 'interval'),
      baseline: readChoice(reconcile, 'baseline', BASELINE_MODES),
    },
    git: { transport: readChoice(git, 'transport', TRANSPORTS), cacheDir: readTextOrNull(git, 'cacheDir') },
    cache: { directory: readTextOrNull(readSection(spec, 'cache'), 'directory') },
    network: readNetwork(readSection(spec, 'network'), secretsDir),
    sweep: { intervalMilliseconds: readDuration(readSection(spec, 'sweep'), 'interval') },
    status: {
      host: readText(status, 'host'),
      port: readInteger(status, 'port'),
      isPortNamed: status.values.has('port'),
    },
    secretsDir,
  };
}

function readNetwork(network: Section, secretsDir: string): NetworkConfig {
  const proxy = readTextOrNull(network, 'proxy');
  const reference = readSectionOrNull(network, 'proxySecretRef');
  if (network.values.has('proxy') && reference !== null) {
    const message = `${nameOf(network, 'proxy')} and ${nameOf(network, 'proxySecretRef')} name two proxies`;
    network.report.problem(offsetOf(network, 'proxySecretRef'), message, 'keep one of them');
  }
  return {
    proxy,
    proxySecret: reference === null ? null : readSecretRef(reference, secretsDir),
    noProxy: network.values.has('noProxy') ? readTexts(network, 'noProxy') : null,
    caFile: readTextOrNull(network, 'caFile'),
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

function inOrder(files: readonly ConfigFile[], problems: readonly Problem[]): readonly Problem[] {
  const position = ({ file }: Problem) => files.findIndex((one) => one.file === file);
  return problems.toSorted(
    (left, right) =>
      position(left) - position(right) ||
      (left.line ?? 0) - (right.line ?? 0) ||
      (left.column ?? 0) - (right.column ?? 0),
  );
}
