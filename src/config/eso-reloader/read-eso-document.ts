import type { YAMLMap } from 'yaml';
import type { Destination } from '../../domain/policy.ts';
import { openSection, type Report, type Section } from '../read/section.ts';
import { readChoice, readSection, readText } from '../read/values.ts';
import { ESO_API_VERSIONS, ESO_TABLE } from './eso-keys.ts';
import { readEsoDestinations } from './read-eso-destinations.ts';
import { type EsoSource, readEsoSources } from './read-eso-sources.ts';

/** What a Config of ESO Reloader says, in our words. */
export interface EsoDocument {
  readonly name: string;
  readonly sources: readonly EsoSource[];
  readonly destinations: readonly Destination[];
  readonly spec: Section;
}

/** Reads a Config of ESO Reloader, in the spelling of its schema or of its documentation. */
export function readEsoDocument(node: YAMLMap, report: Report, secretsDir: string): EsoDocument {
  const root = openSection(node, { path: '', shown: '', table: ESO_TABLE, report });
  readChoice(root, 'apiVersion', ESO_API_VERSIONS);
  readChoice(root, 'kind', ['Config']);
  const spec = readSection(root, 'spec');
  return {
    name: readText(readSection(root, 'metadata'), 'name'),
    sources: readEsoSources(spec, secretsDir),
    destinations: readEsoDestinations(spec),
    spec,
  };
}
