import { RE2JS } from 're2js';
import { isSafeRefName } from '../../domain/repo-path.ts';

/** What a text must look like. Checks never hand back the text itself: a message must not repeat what may be a secret. */
export interface Form {
  /** Completes "must be …". */
  readonly says: string;
  /** Null when the text is fine, else a hint; an empty hint where `says` is enough. */
  readonly refuse: (text: string) => string | null;
  /** True where a number without quotes is as good as a text. */
  readonly numbers?: true;
}

const MAX_TEXT = 2048;

/** Any text that is not empty and has no control characters. */
export const NON_EMPTY = pattern('a text on one line', /^\P{Cc}+$/u);
export const REGION = pattern('an AWS region such as eu-west-1', /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/);
export const ACCOUNT = pattern('an AWS account id of 12 digits, in quotes', /^\d{12}$/);
export const ROLE = pattern(
  'the ARN of an IAM role such as arn:aws:iam::111122223333:role/name',
  /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
);
/** A name that becomes part of a branch name. */
export const SLUG = pattern(
  'lower-case letters, digits and hyphens, at most 63',
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
);
/** A Kubernetes object name. */
export const OBJECT_NAME = pattern(
  'a Kubernetes name: lower-case letters, digits, hyphens and dots',
  /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
);
/** A file name below the secrets folder. */
export const SECRET_FILE = pattern(
  'a file name: letters, digits, dots, hyphens and underscores',
  /^(?!\.\.|\.$)[\w.-]{1,253}$/,
);
export const ENV_NAME = pattern('the name of an environment variable', /^[A-Za-z_]\w{0,254}$/);
export const FULL_PATH = pattern('a full path such as /etc/gitops-reloader/secrets/github/token', /^\/\P{Cc}*$/u);
export const DIGITS: Form = { ...pattern('a number', /^[1-9]\d{0,18}$/), numbers: true };
export const AUTHOR = pattern(
  'of the form Name <mail@example.com>',
  /^[^<>\p{Cc}]*[^<>\p{Cc}\s] <[^<>\s\p{Cc}]+@[^<>\s\p{Cc}]+>$/u,
);
export const LABEL_KEY = pattern(
  'a label key such as app.kubernetes.io/name',
  /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/,
);

/** A way in which a workload takes a Secret. */
export const SECRET_USE = pattern('one of env, envFrom, volumes', /^(env|envFrom|volumes)$/);

/** The group of a custom kind. */
export const API_GROUP = pattern(
  'an API group such as apps.kruise.io, without the version',
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?){1,10}$/,
);
export const KIND = pattern('a kind such as CloneSet', /^[A-Z][A-Za-z0-9]{0,62}$/);
export const TEMPLATE_PATH = pattern(
  'keys joined by dots, such as spec.template',
  /^[a-z][A-Za-z0-9]{0,62}(\.[a-z][A-Za-z0-9]{0,62}){0,7}$/,
);

/** The name of a commit status or a check, or a pattern on such names; GitHub's are at most 255 characters long. */
export const STATUS_NAME = pattern('a name such as kustomization/apps/*', /^\P{Cc}{1,255}$/u);

/** What `git push -o` takes. */
export const PUSH_OPTION = pattern(
  'a push option such as ci.skip, at most 255 characters',
  /^[^\p{Cc}\p{Surrogate}]{1,255}$/u,
);

/** An address of this machine to listen on. */
export const HOST = pattern('an IP address such as 0.0.0.0', /^[0-9a-f.:]{2,45}$/i);

/** A branch's short name. */
export const BRANCH: Form = { says: 'a branch name such as main', refuse: refuseBranch };

/** A pattern on paths inside the repository. */
export const GLOB: Form = { says: 'a path pattern such as clusters/**', refuse: refuseGlob };

/** An RE2 pattern on names of secrets. */
export const NAME_PATTERN: Form = { says: 'an RE2 pattern such as ^prod/payments/', refuse: refusePattern };

/** A web address: https, or http to this machine. */
export const ADDRESS: Form = { says: 'an https address', refuse: refuseAddress };

/** A proxy's address: no credentials. */
export const PROXY: Form = {
  says: 'the address of a proxy such as http://proxy.acme.example:3128',
  refuse: refuseProxy,
};

/** What is asked directly. */
export const EXEMPT = pattern(
  'a host, an address or a network such as .acme.example or 10.0.0.0/8',
  /^(?:\*|(?:\*?\.)?[\w-]+(?:\.[\w-]+)*(?::\d{1,5})?|\d[\d.]*\/\d{1,2}|[\da-f]*:[\da-f:.]*(?:\/\d{1,3})?|\[[\da-f:.]+\](?::\d{1,5})?)$/i,
);

/** The URL of a queue: its path ends in the queue's name. */
export const QUEUE_URL: Form = { says: 'the https address of a queue', refuse: refuseQueueUrl };

function pattern(says: string, expression: RegExp): Form {
  return { says, refuse: (text) => (text.length <= MAX_TEXT && expression.test(text) ? null : '') };
}

function refuseBranch(text: string): string | null {
  if (text.startsWith('refs/')) return 'write the short name, without refs/heads/';
  return isSafeRefName(`refs/heads/${text}`) ? null : '';
}

function refuseGlob(text: string): string | null {
  if (text === '' || text.length > 512 || /[\p{Cc}\\]/u.test(text)) return '';
  if (/[{}[\]!]/.test(text)) return 'only *, ? and ** are understood; write one entry for each alternative';
  if (text.startsWith('/')) return 'start at the top of the repository, without a slash';
  const segments = text.split('/');
  if (segments.includes('')) return 'for everything in a folder write folder/**';
  if (segments.includes('.') || segments.includes('..')) return 'leave out . and ..';
  if (segments.some((segment) => segment !== '**' && segment.includes('**'))) return '** stands alone between slashes';
  return null;
}

function refusePattern(text: string): string | null {
  if (text === '' || text.length > 512 || /\p{Cc}/u.test(text)) return '';
  try {
    RE2JS.compile(text);
    return null;
  } catch {
    return 'RE2 knows no lookaround and no backreferences; see https://github.com/google/re2/wiki/Syntax';
  }
}

function refuseAddress(text: string): string | null {
  if (text.length > MAX_TEXT || /[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return '';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    return 'it must hold no user name and no password; name them under auth';
  if (url.search !== '' || url.hash !== '') return 'it must have no ? and no # part';
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return null;
  return url.protocol === 'http:' ? 'http is only allowed to this machine (127.0.0.1, localhost)' : '';
}

function refuseQueueUrl(text: string): string | null {
  const refused = refuseAddress(text);
  if (refused !== null || !new URL(text).pathname.endsWith('/')) return refused;
  return "copy it from the queue: it ends in the queue's name";
}

function refuseProxy(text: string): string | null {
  if (text.length > MAX_TEXT || /[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return '';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    return 'it must hold no user name and no password; name a mounted file with the whole address under proxySecretRef';
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') return 'it must have no path';
  return url.protocol === 'http:' || url.protocol === 'https:' ? null : 'only http and https proxies are known';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
