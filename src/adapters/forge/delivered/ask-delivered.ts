import type { Forge } from '../../../ports.ts';
import { unexpectedAnswer } from '../github-failure.ts';
import { askGraphQl } from '../merging/ask-graphql.ts';
import type { Repository } from '../pull-request-state.ts';
import { DELIVERED } from './delivered-document.ts';
import { readDelivered } from './read-delivered.ts';

/** What was reported on a commit of the base and those before it, by one question of GraphQL. */
export function createDelivered({ client, owner, name }: Repository): Pick<Forge, 'delivered'> {
  return {
    delivered: async (head, signal) => {
      const attempt = `read the statuses of ${head.slice(0, 12)} and the commits before it`;
      const reply = await askGraphQl(client, {
        document: DELIVERED,
        variables: { owner, name, head },
        attempt,
        signal,
      });
      if (reply.kind === 'refusal') throw reply.failure;
      const commits = readDelivered(reply.data, head);
      if (commits === null) throw unexpectedAnswer(attempt);
      return commits;
    },
  };
}
