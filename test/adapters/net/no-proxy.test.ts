import { isIP } from 'node:net';
import { expect, test } from 'vitest';
import { exemptions, noProxyList } from '../../../src/adapters/net/no-proxy.ts';

/** A list as in NO_PROXY, and targets: those behind the bar go through the proxy. */
function check(list: string, direct: string, proxied = ''): void {
  const isExempt = exemptions(noProxyList(list));
  const asked = (text: string) => {
    if (isIP(text) !== 0) return isExempt({ host: text, port: 443 });
    const [, host = '', port = '443'] = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(text) ?? [];
    return isExempt({ host, port: Number(port) });
  };
  const targets = [
    ...noProxyList(direct).map((one) => [one, true]),
    ...noProxyList(proxied).map((one) => [one, false]),
  ];
  expect(targets.map(([one]) => [one, asked(String(one))])).toEqual(targets);
}

test('this machine, Pod Identity, ECS and instance metadata: never', () => {
  const never = 'localhost LOCALHOST git.localhost 127.0.0.1 127.9.9.9 ::1 ::ffff:127.0.0.1';
  const roles = '169.254.170.23 fd00:ec2::23 169.254.170.2 169.254.169.254 fd00:ec2::254';
  check('', `${never} ${roles}`, '169.254.1.1 fd00:ec2::24 128.0.0.1 localhost.example notlocalhost');
  check('example.com', `${never} ${roles}`);
});

test('a domain means itself and what is below, with a dot in front only what is below', () => {
  check('example.com', 'example.com EXAMPLE.COM. a.example.com a.b.example.com', 'notexample.com example.com.evil com');
  check('.example.com', 'a.example.com', 'example.com');
  check('*.Example.com', 'a.example.com', 'example.com');
  check('host', 'host a.host', 'ghost');
});

test('a port is meant alone', () => {
  check('example.com:8443', 'example.com:8443 a.example.com:8443', 'example.com example.com:443');
  check('10.0.0.1:80', '10.0.0.1:80', '10.0.0.1:81');
  check('[fd00::1]:8443', '[fd00::1]:8443', '[fd00::1]:443');
});

test('addresses and networks, not names that look like them', () => {
  check('10.0.0.0/8, fd00::/8', '10.1.2.3 fd12::1', '11.0.0.1 fe80::1 10.example');
  check('192.168.1.7', '192.168.1.7', '192.168.1.70');
  check('0.0.0.0/0', '8.8.8.8', 'example.com fd00::1');
  check('[fd00::1]', 'fd00::1');
});

test('everything, blanks and empty entries', () => {
  check('*', 'example.com 8.8.8.8');
  check(' ,, a.example\tb.example ', 'a.example b.example', 'c.example');
});

test('what is no entry is passed over: it neither throws nor exempts', () => {
  const odd = [
    'example.com:',
    'example.com:0',
    'example.com:99999',
    '10.0.0.0/33',
    '10.0.0.0/',
    '::/129',
    '[',
    '[]',
    ':',
  ];
  const hostile = ['*.*', 'ex*mple.com', '.', '..', '%00', '\u0000', 'é.example', '://', 'a'.repeat(100_000), '('];
  check([...odd, ...hostile].join(','), '', 'example.com 10.0.0.1 ::2 a.example');
  expect(exemptions(Array.from({ length: 100_000 }, () => '*.x'))({ host: 'y', port: 1 })).toBe(false);
});
