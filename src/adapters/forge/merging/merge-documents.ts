/** The most reviews that are looked at; what is beyond counts as an approval of nobody knows what. */
export const MOST_REVIEWS = 100;

/**
 * All that GitHub says of a pull request's way into its base, in one question. A repository that was renamed is not
 * followed, as in every other call.
 */
export const MERGE_FACTS = `query MergeFacts($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name, followRenames: false) {
    mergeCommitAllowed
    squashMergeAllowed
    rebaseMergeAllowed
    autoMergeAllowed
    pullRequest(number: $number) {
      id
      number
      state
      isDraft
      headRefOid
      isInMergeQueue
      isMergeQueueEnabled
      autoMergeRequest {
        enabledBy {
          __typename
          login
        }
      }
      mergeStateStatus
      mergeable
      reviewDecision
      latestOpinionatedReviews(first: ${MOST_REVIEWS}, writersOnly: true) {
        pageInfo {
          hasNextPage
        }
        nodes {
          fullDatabaseId
          state
          author {
            login
          }
          commit {
            oid
          }
        }
      }
      commits(last: 1) {
        nodes {
          commit {
            oid
            statusCheckRollup {
              state
            }
          }
        }
      }
    }
  }
}`;

/** For a server that is too old to know merge queues: it refuses a question that names them as a whole. */
export const MERGE_FACTS_WITHOUT_QUEUE = MERGE_FACTS.replace(/\n *isInMergeQueue\n *isMergeQueueEnabled/, '');

/** Where the base has a merge queue this puts the pull request into it as soon as it may, and the queue chooses the method. */
export const ENABLE_AUTO_MERGE = `mutation EnableAutoMerge($pullRequestId: ID!, $mergeMethod: PullRequestMergeMethod!, $expectedHeadOid: GitObjectID!) {
  enablePullRequestAutoMerge(
    input: {pullRequestId: $pullRequestId, mergeMethod: $mergeMethod, expectedHeadOid: $expectedHeadOid}
  ) {
    pullRequest {
      number
    }
  }
}`;

/** The forge no longer merges it by itself. */
export const DISABLE_AUTO_MERGE = `mutation DisableAutoMerge($pullRequestId: ID!) {
  disablePullRequestAutoMerge(input: {pullRequestId: $pullRequestId}) {
    pullRequest {
      number
    }
  }
}`;
