/** How many commits are looked back. */
export const MOST_COMMITS = 20;

/** The most statuses and checks of a commit that are looked at. */
export const MOST_REPORTS = 100;

/** A commit and those before it, with every status and check on each, in one question. */
export const DELIVERED = `query Delivered($owner: String!, $name: String!, $head: GitObjectID!) {
  repository(owner: $owner, name: $name, followRenames: false) {
    object(oid: $head) {
      __typename
      oid
      ... on Commit {
        history(first: ${MOST_COMMITS}) {
          nodes {
            oid
            parents(first: 10) {
              nodes {
                oid
              }
            }
            statusCheckRollup {
              contexts(first: ${MOST_REPORTS}) {
                pageInfo {
                  hasNextPage
                }
                nodes {
                  __typename
                  ... on StatusContext {
                    context
                    state
                    createdAt
                  }
                  ... on CheckRun {
                    name
                    status
                    conclusion
                    completedAt
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}`;
