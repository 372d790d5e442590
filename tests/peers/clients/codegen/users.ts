import { graphql } from "./generated";
import type { ResultOf } from "@graphql-typed-document-node/core";

export const users = graphql(`
  query Users($orgId: ID!, $after: String) {
    users(orgId: $orgId, first: 50, after: $after) {
      edges { node { id displayName appVersion texting } }
      pageInfo { endCursor hasNextPage }
    }
  }
`);

export const setTexting = graphql(`
  mutation SetTexting($input: SetUserTextingInput!) {
    setUserTexting(input: $input) {
      __typename
      ... on TextingSet { auditRecord { id } }
      ... on Refusal { code message trackingId }
      ... on NotEligible { blockers { ruleId } }
    }
  }
`);

export function names(answer: ResultOf<typeof users>): string[] {
  return answer.users.edges?.map((edge) => edge?.node?.displayName ?? "erased") ?? [];
}

export function told(answer: ResultOf<typeof setTexting>): string {
  const result = answer.setUserTexting;
  if (!result) return "The server failed: see errors.";
  switch (result.__typename) {
    case "TextingSet":
      return `Done: ${result.auditRecord?.id}`;
    case "NotEligible":
      return `${result.message} ${result.blockers.map(({ ruleId }) => ruleId).join(", ")}`;
    default:
      return `${result.message} (${result.trackingId})`;
  }
}
