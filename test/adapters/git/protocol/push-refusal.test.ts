import { expect, test } from 'vitest';
import {
  classifyRefusal,
  classifyUnpackFailure,
  type RefusalKind,
} from '../../../../src/adapters/git/protocol/push-refusal.ts';

const HOOK = 'pre-receive hook declined';

type Case = readonly [host: string, reason: string, notes: string, expected: RefusalKind];

const CASES: readonly Case[] = [
  // git, the program: receive-pack.c and refs.c, old and new
  ['git', 'failed to update ref', '', 'conflict'],
  ['git', 'incorrect old value provided', '', 'conflict'],
  ['git', 'reference already exists', '', 'conflict'],
  ['git', 'reference does not exist', '', 'conflict'],
  ['git', 'failed to lock', '', 'conflict'],
  ['git', 'atomic push failure', '', 'conflict'],
  ['git', 'atomic transaction failed', '', 'conflict'],
  ['git', 'transaction failed to start', '', 'conflict'],
  ['git', 'missing necessary objects', '', 'conflict'],
  ['git', 'fetch first', '', 'conflict'],
  ['git', 'stale info', '', 'conflict'],
  ['git', "cannot lock ref 'refs/heads/bot': is at 1 but expected 2", '', 'conflict'],
  ['git', "cannot lock ref 'refs/heads/a/b': 'refs/heads/a' exists; cannot create 'refs/heads/a/b'", '', 'rule'],
  ['git', 'refname conflict', '', 'rule'],
  ['git', 'reference conflict due to case-insensitive filesystem', '', 'rule'],
  ['git', 'hook declined', '', 'rule'],
  ['git', HOOK, 'Only on weekdays.\n', 'rule'],
  ['git', 'deletion prohibited', '', 'rule'],
  ['git', 'branch is currently checked out', '', 'rule'],
  ['git', 'failed to write', '', 'transient'],
  ['git', HOOK, 'fatal: write error: No space left on device\n', 'transient'],
  ['git', 'funny refname', '', 'bug'],
  ['git', 'shallow update not allowed', '', 'bug'],
  ['git', 'bad pack', '', 'bug'],
  ['git', 'duplicated update', '', 'bug'],
  ['git', 'invalid new value provided', '', 'bug'],

  ['GitHub', 'protected branch hook declined', 'error: GH006: Protected branch update failed.\n', 'rule'],
  ['GitHub', 'push declined due to repository rule violations', 'error: GH013: Repository rule violations\n', 'rule'],
  ['GitHub', 'push declined due to email privacy restrictions', 'error: GH007: Your push would publish\n', 'rule'],
  ['GitHub', HOOK, 'error: GH001: Large files detected. Try again later with LFS.\n', 'rule'],
  ['GitHub', 'refusing to allow a GitHub App to create or update workflow `x` without `workflows`', '', 'rule'],
  ['GitHub', "cannot lock ref 'refs/heads/bot': reference already exists", '', 'conflict'],
  ['GitHub', 'Internal Server Error', '', 'transient'],
  ['GitHub', 'failure', 'fatal error in commit_refs\n', 'transient'],
  ['GitHub', 'failure', '', 'unknown'],

  ['GitLab', HOOK, 'GitLab: You are not allowed to push code to protected branches on this project.\n', 'rule'],
  ['GitLab', HOOK, 'GitLab: Commit message does not follow the pattern\n', 'rule'],
  ['GitLab', HOOK, 'GitLab: Failed to authorize your Git request: internal API unreachable\n', 'transient'],
  ['GitLab', HOOK, 'GitLab: Internal API unreachable\n', 'transient'],
  ['GitLab', HOOK, 'GitLab: API is not accessible\n', 'transient'],
  ['GitLab', HOOK, 'GitLab: 500 Internal Server Error\n', 'transient'],
  ['GitLab', HOOK, 'GitLab: The repository is temporarily read-only. Please try again later.\n', 'transient'],
  ['GitLab', HOOK, 'GitLab: Push operation timed out\n', 'transient'],
  ['GitLab', 'reference update: reference does not point to expected object', '', 'conflict'],
  ['GitLab', 'reference is already locked', '', 'conflict'],

  ['Gitea', HOOK, 'Gitea: Not allowed to push to protected branch main\n', 'rule'],
  ['Forgejo', HOOK, 'Forgejo: Not allowed to force-push to protected branch main\n', 'rule'],
  ['Gitea', HOOK, 'Gitea: Internal Server Error\nUnable to contact gitea: connect: connection refused\n', 'transient'],
  ['Gitea', HOOK, 'Gitea: Internal Server Connection Error\n', 'transient'],

  ['Bitbucket', HOOK, 'Permission denied to update branch main.\n', 'rule'],
  ['Bitbucket', HOOK, 'Branch refs/heads/main can only be modified through pull requests.\n', 'rule'],
  ['JGit', 'lock error: refs/heads/bot', '', 'conflict'],
  ['Gerrit', 'prohibited by Gerrit: not permitted: create', '', 'rule'],

  ['Azure', "TF401028: The reference 'refs/heads/bot' has already been updated by another client.", '', 'conflict'],
  ['Azure', 'TF402455: Pushes to this branch are not permitted; you must use a pull request.', '', 'rule'],
  ['Azure', "TF401027: You need the Git 'ForcePush' permission to perform this action.", '', 'rule'],
  ['Azure', 'VS403702: The push was rejected because an e-mail address does not match', '', 'rule'],
  ['Azure', 'Name conflicts with refs/heads/Bot/x', '', 'rule'],

  ['nobody', 'quux', '', 'unknown'],
  ['nobody', '', '', 'unknown'],
  ['nobody', 'quux', 'the moon is in the way\n', 'unknown'],
];

test.each(CASES)('%s: %j, %j is %s', (_, reason, notes, expected) => {
  expect(classifyRefusal(reason, notes)).toBe(expected);
});

test.each([
  ['unpack-objects abnormal exit', '', 'transient'],
  ['unable to create temporary object directory', '', 'transient'],
  ['index-pack abnormal exit', 'fatal: write error: No space left on device\n', 'transient'],
  ['unpack-objects abnormal exit', 'fatal: fsck error in packed object\n', 'bug'],
  ['index-pack abnormal exit', 'fatal: pack is corrupted (SHA1 mismatch)\n', 'transient'],
  ['unpack-objects abnormal exit', 'error: inflate: data stream error (incorrect data check)\n', 'transient'],
] as const)('a pack that is not stored: %j, %j is %s', (reason, notes, expected) => {
  expect(classifyUnpackFailure(reason, notes)).toBe(expected);
});
