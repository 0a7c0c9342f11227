import { TRANSPORTS } from '../git-world.ts';
import { describeFirstProtocol, HOSTS } from './first-protocol.ts';

for (const transport of TRANSPORTS) await describeFirstProtocol(transport, HOSTS);
