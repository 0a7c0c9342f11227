import { EXEMPT, FULL_PATH, PROXY, SECRET_FILE } from './forms.ts';
import { type KeyRow, SECTION, text, texts } from './key.ts';

/** The way out to AWS, Git hosts and GitHub. */
export const NETWORK_KEYS: readonly KeyRow[] = [
  {
    path: 'spec.network',
    type: SECTION,
    default: null,
    about: 'The way out to AWS, Git hosts and GitHub; left out: what the environment says.',
    example: '{proxy: "http://proxy.acme.example:3128"}',
  },
  {
    path: 'spec.network.proxy',
    type: text(PROXY),
    default: null,
    about: 'A proxy for all of it; left out: `HTTPS_PROXY` for https, `HTTP_PROXY` for http.',
    example: 'http://proxy.acme.example:3128',
  },
  {
    path: 'spec.network.proxySecretRef',
    type: SECTION,
    default: null,
    about:
      'The same from a mounted file, with a user and a password in the address: `http://user:password@proxy:3128`.',
    example: '{name: proxy, key: url}',
  },
  {
    path: 'spec.network.proxySecretRef.(name|key)',
    type: text(SECRET_FILE),
    about: 'The file is `<secretsDir>/<name>/<key>`, read at the start.',
    example: 'proxy',
    secret: true,
  },
  {
    path: 'spec.network.noProxy',
    type: texts(EXEMPT),
    default: null,
    about:
      'What is asked directly: a domain with all below it, `.domain` for only what is below, an address, a network, each of the first three also with `:port`, or `*`. Left out: `NO_PROXY`.',
    example: '[.acme.example, 10.0.0.0/8]',
  },
  {
    path: 'spec.network.caFile',
    type: text(FULL_PATH),
    default: null,
    about:
      'Certificates (PEM) of private authorities, trusted beside those that Node knows; looked at again when the file changes.',
    example: '/etc/gitops-reloader/ca/ca.crt',
  },
];
