import { describe, expect, test } from 'vitest';
import {
  ADDRESS,
  AUTHOR,
  BRANCH,
  EXEMPT,
  type Form,
  GLOB,
  PROXY,
  QUEUE_URL,
  REGION,
  ROLE,
  SECRET_FILE,
  SLUG,
} from '../../src/config/keys/forms.ts';
import { parseDuration } from '../../src/config/read/duration.ts';
import { nearest } from '../../src/domain/spelling/nearest.ts';

function check(form: Form, good: readonly string[], bad: readonly string[]): void {
  expect(good.filter((text) => form.refuse(text) !== null)).toEqual([]);
  expect(bad.filter((text) => form.refuse(text) === null)).toEqual([]);
}

describe('forms', () => {
  test('regions', () =>
    check(
      REGION,
      ['eu-west-1', 'us-gov-east-1', 'ap-southeast-12', 'cn-north-1', 'us-iso-east-1'],
      ['', 'eu-west', 'EU-west-1', 'eu-west-1 ', 'eu_west_1', 'eu-west-1\n', 'global', 'eu-west-123'],
    ));
  test('queues: without a name the service would not start', () =>
    check(
      QUEUE_URL,
      ['https://sqs.eu-west-1.amazonaws.com/111122223333/q', 'http://127.0.0.1:4566/000000000000/q'],
      ['', 'q', 'https://sqs.eu-west-1.amazonaws.com', 'https://sqs.eu-west-1.amazonaws.com/111122223333/'],
    ));
  test('proxies: no credentials, no path', () =>
    check(
      PROXY,
      ['http://proxy.acme.example:3128', 'https://proxy', 'http://[fd00::1]:8080/'],
      ['', 'proxy:3128', 'socks5://proxy:1', 'http://u:p@proxy', 'http://proxy/x', 'http://proxy?x', 'http://pro xy'],
    ));
  test('what is asked directly', () =>
    check(
      EXEMPT,
      [
        '*',
        'acme.example',
        '.acme.example',
        '*.acme.example:8443',
        '10.0.0.1',
        '10.0.0.0/8',
        'fd00::/8',
        '[fd00::1]:80',
      ],
      ['', '.', '*.', 'a..b', 'https://a.example', 'a.example/x', 'a*.example', '10.0.0.0/', 'a b', 'a,b', 'ä.example'],
    ));
  test('roles', () =>
    check(
      ROLE,
      ['arn:aws:iam::111122223333:role/a', 'arn:aws-cn:iam::111122223333:role/path/a+b=c,d.@-_'],
      ['role/a', 'arn:aws:iam::1111:role/a', 'arn:aws:iam::111122223333:user/a', 'arn:aws:iam::111122223333:role/'],
    ));
  test('names that become part of a branch', () =>
    check(SLUG, ['a', 'acme', 'a-b-1'], ['', '-a', 'a-', 'A', 'a.b', 'a/b', 'a b', 'a'.repeat(64), 'ä']));
  test('branches', () =>
    check(
      BRANCH,
      ['main', 'release/1.0', 'a@b', 'ü'],
      [
        '',
        'HEAD',
        'refs/heads/main',
        '-a',
        '/a',
        'a/',
        'a//b',
        'a..b',
        '.a',
        'a/.b',
        'a.lock',
        'a.lock/b',
        'a b',
        'a.',
      ].concat(['a~1', 'a^', 'a:b', 'a?', 'a*', 'a[', 'a\\b', 'a@{1}', 'a\u0007', 'a'.repeat(250)]),
    ));
  test('path patterns', () =>
    check(
      GLOB,
      ['**', '**/charts/**', 'clusters/*/apps/**', 'a.yaml', 'a?c/*.yaml'],
      [
        '',
        '/a',
        'a/',
        'a//b',
        './a',
        'a/../b',
        'a**',
        '**a/b',
        '{a,b}',
        '[ab]',
        '!a',
        'a\\b',
        'a\u0000',
        'a'.repeat(513),
      ],
    ));
  test('addresses', () =>
    check(
      ADDRESS,
      [
        'https://a.example',
        'https://a.example:8443/p/q',
        'http://127.0.0.1:1',
        'http://127.9.9.9',
        'http://localhost/x',
      ].concat(['http://[::1]:80/x']),
      ['', 'a.example', 'http://a.example', 'http://localhost.evil.example', 'http://127.0.0.1.evil.example']
        .concat(['ftp://a.example', 'file:///etc/passwd', 'https://', 'https://a.example/?q', 'https://a.example/#f'])
        .concat(['https://u@a.example', 'https://u:p@a.example', 'https://:p@a.example', 'https://a.example/ x'])
        .concat(['git@github.com:a/b.git', 'ssh://git@github.com/a/b', 'javascript:alert(1)', 'https://a\n.example']),
    ));
  test('an address with a credential is refused without repeating it', () => {
    expect(ADDRESS.refuse('https://x-access-token:ghp_topsecret@github.com/a/b')).toBe(
      'it must hold no user name and no password; name them under auth',
    );
  });
  test('authors', () =>
    check(
      AUTHOR,
      ['A <a@b>', 'Rotation Bot <bot@acme.example>', 'Zoë <z@ü.example>'],
      ['', 'a@b', '<a@b>', ' <a@b>', 'A <a>', 'A <a@b', 'A <a@b> ', 'A <a@b>\n', 'A <<a@b>', 'A <a @b>', 'A<a@b>'],
    ));
  test('file names below the secrets folder', () =>
    check(
      SECRET_FILE,
      ['a', 'key.pem', '.dockerconfigjson', 'a_b-c'],
      ['', '.', '..', '..data', 'a/b', 'a b', 'a\u0000'],
    ));
});

test('durations', () => {
  const cases: readonly (readonly [string, number | null])[] = [
    ['0s', 0],
    ['250ms', 250],
    ['10s', 10_000],
    ['1h30m', 5_400_000],
    ['720h', 2_592_000_000],
    ['721h', null],
    ['10', null],
    ['-1s', null],
    ['1.5h', null],
    ['1d', null],
    ['', null],
    [' 1s', null],
    ['9999999999s', null],
  ];
  expect(cases.map(([text]) => [text, parseDuration(text)])).toEqual(cases);
});

test('the nearest key', () => {
  const keys = ['paths', 'exclude', 'order', 'queueURL', 'maxNumberOfMessages'];
  const cases: readonly (readonly [string, string | null])[] = [
    ['path', 'paths'],
    ['queueUrl', 'queueURL'],
    ['queue', null],
    ['oredr', 'order'],
    ['numberOfMessages', 'maxNumberOfMessages'],
    ['exlcude', 'exclude'],
    ['zzz', null],
    ['', null],
    ['o'.repeat(10_000), null],
  ];
  expect(cases.map(([text]) => [text, nearest(text, keys)])).toEqual(cases);
});
