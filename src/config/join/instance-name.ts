import { sha256Hex } from '../../domain/digest.ts';
import { SLUG } from '../keys/forms.ts';

/**
 * The instance for an object name of Kubernetes, which may have dots and be longer than a branch name suits. A changed name
 * ends in a digest of the whole, so that two different ones stay different.
 */
export function instanceName(name: string): string {
  if (name === '' || SLUG.refuse(name) === null) return name;
  return `${name.replaceAll('.', '-').slice(0, 54).replace(/-+$/, '')}-${sha256Hex(name, 8)}`;
}
