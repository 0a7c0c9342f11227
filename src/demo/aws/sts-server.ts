import type { Faults } from '../faults.ts';
import { type Handler, type LoopbackServer, listenOnLoopback } from '../loopback.ts';
import { type AwsReply, respond, takeFault } from './aws-json.ts';

/** An `AssumeRole` that arrived. */
export interface AssumedSession {
  readonly role: string;
  readonly session: string;
  readonly externalId: string | null;
}

/** A little STS: `AssumeRole` only. The access key id it gives out ends in the role's account. */
export interface StsServer extends LoopbackServer {
  /** From now on the role can be assumed with this external id only. */
  trust(role: string, externalId: string): void;
  readonly sessions: readonly AssumedSession[];
}

/** Starts an STS on loopback. Every role may be assumed until `trust` asks for an external id. */
export async function startSts({ faults }: { readonly faults?: Faults } = {}): Promise<StsServer> {
  const sessions: AssumedSession[] = [];
  const trusted = new Map<string, string>();
  const handler: Handler = async (_request, response, body) => {
    const form = new URLSearchParams(body.toString('utf8'));
    const operation = form.get('Action') ?? 'unreadable';
    await respond(response, { version: '1.1', now: Date.now }, takeFault(faults, operation), () => {
      const role = form.get('RoleArn') ?? '';
      const externalId = form.get('ExternalId');
      if (operation !== 'AssumeRole') return xml(400, errorXml('InvalidAction'));
      if (trusted.has(role) && trusted.get(role) !== externalId) return xml(403, errorXml('AccessDenied'));
      sessions.push({ role, session: form.get('RoleSessionName') ?? '', externalId });
      return xml(200, credentialsXml(role));
    });
  };
  const server = await listenOnLoopback(handler);
  return { ...server, sessions, trust: (role, externalId) => void trusted.set(role, externalId) };
}

function xml(status: number, body: string): AwsReply {
  return { status, body, headers: { 'content-type': 'text/xml' } };
}

function errorXml(code: string): string {
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>refused</Message></Error><RequestId>embedded-request</RequestId></ErrorResponse>`;
}

function credentialsXml(role: string): string {
  const account = role.split(':')[4] ?? '';
  const expiration = new Date(Date.now() + 3600_000).toISOString();
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE${account}</AccessKeyId><SecretAccessKey>assumed-${account}-key</SecretAccessKey><SessionToken>assumed-${account}-session</SessionToken><Expiration>${expiration}</Expiration></Credentials></AssumeRoleResult><ResponseMetadata><RequestId>embedded-request</RequestId></ResponseMetadata></AssumeRoleResponse>`;
}
