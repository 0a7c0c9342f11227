import { isScalar, type YAMLMap } from 'yaml';
import type { Problem } from '../../domain/problem.ts';
import type { Report } from '../read/section.ts';
import { readYamlFile } from '../read/yaml-file.ts';

/** A file that a person named, and its text. */
export interface ConfigFile {
  readonly file: string;
  readonly text: string;
}

/** One YAML document; what is reported about it carries its file and line. */
export interface ConfigDocument {
  readonly format: 'own' | 'eso-reloader';
  readonly file: string;
  readonly root: YAMLMap;
  readonly report: Report;
}

/** What was said about a set of files. */
export interface Findings {
  readonly problems: Problem[];
  readonly notices: Problem[];
}

/** Every document of every file, in order. What cannot be read at all is added to `findings`. */
export function readDocuments(files: readonly ConfigFile[], findings: Findings): readonly ConfigDocument[] {
  return files.flatMap(({ file, text }) => {
    const yaml = readYamlFile(text, file);
    if (yaml.kind === 'problems') {
      findings.problems.push(...yaml.problems);
      return [];
    }
    const { placeOf } = yaml;
    const report: Report = {
      problem: (offset, message, hint) => findings.problems.push({ message, file, ...placeOf(offset), hint }),
      notice: (offset, message, hint) => findings.notices.push({ message, file, ...placeOf(offset), hint }),
    };
    return yaml.roots.map((root) => ({ format: formatOf(root), file, root, report }));
  });
}

/** Only a document that says so is one of ESO Reloader; everything else is read as ours, and told what is wrong. */
function formatOf(root: YAMLMap): ConfigDocument['format'] {
  const version = root.items.find(({ key }) => isScalar(key) && key.value === 'apiVersion')?.value;
  const written = isScalar(version) && typeof version.value === 'string' ? version.value : '';
  return written.startsWith('reloader.external-secrets.io/') ? 'eso-reloader' : 'own';
}
