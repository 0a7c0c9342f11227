import type { Faults } from '../faults.ts';
import { type Handler, type LoopbackServer, listenOnLoopback } from '../loopback.ts';
import { type AwsReply, respond, takeFault } from './aws-json.ts';

/** A role that was assumed. */
export interface AssumedSession {
  readonly role: string;
  readonly session: string;
  readonly externalId: string | null;
  /** The service account's token; null for `AssumeRole`. */
  readonly webIdentity: string | null;
}

/** A little STS: `AssumeRole` and `AssumeRoleWithWebIdentity`. The access key id it gives out ends in the role's account. */
export interface StsServer extends LoopbackServer {
  /** From now on the role can be assumed with this external id only. */
  trust(role: string, externalId: string): void;
  /** From now on the role can be assumed with these tokens of a service account only; else with any. */
  trustTokens(role: string, tokens: readonly string[]): void;
  readonly sessions: readonly AssumedSession[];
}

/** Starts an STS on loopback. Every role may be assumed until `trust` or `trustTokens` asks for more. */
export async function startSts({ faults, lifetimeSeconds = 3600 }: StsOptions = {}): Promise<StsServer> {
  const sessions: AssumedSession[] = [];
  const trusted = new Map<string, string>();
  const tokens = new Map<string, readonly string[]>();
  const handler: Handler = async (request, response, body) => {
    const form = new URLSearchParams(body.toString('utf8'));
    const operation = form.get('Action') ?? 'unreadable';
    await respond(response, { version: '1.1', now: Date.now }, takeFault(faults, operation), () => {
      const isSigned = request.headers.authorization !== undefined;
      const asked = readAsked(form);
      const { role, externalId, webIdentity } = asked;
      switch (operation) {
        case 'AssumeRole':
          if (!isSigned) return xml(403, errorXml('MissingAuthenticationToken'));
          if (trusted.has(role) && trusted.get(role) !== externalId) return xml(403, errorXml('AccessDenied'));
          break;
        case 'AssumeRoleWithWebIdentity':
          // The token is the proof: AWS takes this call without a signature, and ours must not send one.
          if (isSigned || webIdentity === null) return xml(400, errorXml('InvalidIdentityToken'));
          if (tokens.get(role)?.includes(webIdentity) === false) return xml(400, errorXml('InvalidIdentityToken'));
          break;
        default:
          return xml(400, errorXml('InvalidAction'));
      }
      sessions.push(asked);
      return xml(200, credentialsXml(operation, role, lifetimeSeconds));
    });
  };
  const server = await listenOnLoopback(handler);
  return {
    ...server,
    sessions,
    trust: (role, externalId) => void trusted.set(role, externalId),
    trustTokens: (role, accepted) => void tokens.set(role, accepted),
  };
}

export interface StsOptions {
  readonly faults?: Faults;
  /** How long sessions last; an hour unless said otherwise. */
  readonly lifetimeSeconds?: number;
}

function readAsked(form: URLSearchParams): AssumedSession {
  return {
    role: form.get('RoleArn') ?? '',
    session: form.get('RoleSessionName') ?? '',
    externalId: form.get('ExternalId'),
    webIdentity: form.get('WebIdentityToken'),
  };
}

function xml(status: number, body: string): AwsReply {
  return { status, body, headers: { 'content-type': 'text/xml' } };
}

function errorXml(code: string): string {
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>refused</Message></Error><RequestId>embedded-request</RequestId></ErrorResponse>`;
}

function credentialsXml(operation: string, role: string, lifetimeSeconds: number): string {
  const account = role.split(':')[4] ?? '';
  const expiration = new Date(Date.now() + lifetimeSeconds * 1000).toISOString();
  return `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${operation}Result><Credentials><AccessKeyId>ASIAEXAMPLE${account}</AccessKeyId><SecretAccessKey>assumed-${account}-key</SecretAccessKey><SessionToken>assumed-${account}-session</SessionToken><Expiration>${expiration}</Expiration></Credentials></${operation}Result><ResponseMetadata><RequestId>embedded-request</RequestId></ResponseMetadata></${operation}Response>`;
}
