import { Failure } from '../../domain/failure.ts';

/** Why commits cannot be signed; `what` quotes nothing of the key, and no cause is kept: it could. */
export function signingFailure(what: string, hint: string): Failure {
  return new Failure(`could not sign a commit: ${what}`, { code: 'config-invalid', retry: 'never', hint });
}

/** Where a key and what unlocks it are. Read at each use; each rejects with a Failure that names the place. */
export interface KeySource {
  readonly key: () => Promise<string>;
  /** Null where none is configured. */
  readonly passphrase: (() => Promise<string>) | null;
}

interface Opened<T> {
  readonly key: string;
  readonly passphrase: string | null;
  readonly opened: T;
}

/** Opens the key whenever its text has changed: unlocking one takes a moment, on purpose. */
export function openOnce<T>(
  source: KeySource,
  open: (key: string, passphrase: string | null) => Promise<T>,
): () => Promise<T> {
  let last: Opened<T> | null = null;
  return async () => {
    const key = await source.key();
    const passphrase = source.passphrase === null ? null : await source.passphrase();
    if (last?.key !== key || last.passphrase !== passphrase) {
      last = null;
      last = { key, passphrase, opened: await open(key, passphrase) };
    }
    return last.opened;
  };
}
