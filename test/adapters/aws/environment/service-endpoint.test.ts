import { expect, test } from 'vitest';
import { serviceEndpoint } from '../../../../src/adapters/aws/environment/service-endpoint.ts';

const ALL = { AWS_ENDPOINT_URL: 'https://all.example', AWS_ENDPOINT_URL_SQS: 'http://sqs.example:4566' };

test('the service has the last word, and all of it can be switched off', () => {
  expect(serviceEndpoint('SQS', ALL)).toBe('http://sqs.example:4566');
  expect(serviceEndpoint('STS', ALL)).toBe('https://all.example');
  expect(serviceEndpoint('SECRETS_MANAGER', { ...ALL, AWS_ENDPOINT_URL: '' })).toBe(null);
  expect(serviceEndpoint('SQS', { ...ALL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' })).toBe(null);
  expect(serviceEndpoint('SQS', {})).toBe(null);
});

test.each(['canary', 'file:///canary', 'http://', 'canary://x'])('%s is no address', (text) => {
  expect(() => serviceEndpoint('SQS', { AWS_ENDPOINT_URL_SQS: text })).toThrow(
    'the environment variable AWS_ENDPOINT_URL_SQS holds no http or https address',
  );
});
