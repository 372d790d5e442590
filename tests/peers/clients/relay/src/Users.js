import { graphql } from "relay-runtime";
export const users = graphql`
  fragment Users_query on Query
  @argumentDefinitions(orgId: { type: "ID!" }, first: { type: "Int", defaultValue: 2 }, after: { type: "String" })
  @refetchable(queryName: "UsersPageQuery") {
    users(orgId: $orgId, first: $first, after: $after) @connection(key: "Users_users") {
      edges { node { id displayName location { id name } } }
    }
  }
`;
export const query = graphql`
  query UsersQuery($orgId: ID!) {
    ...Users_query @arguments(orgId: $orgId)
  }
`;
