// Apollo Client: two pages that become one list in the cache, and a change that the cache shows without asking again.
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";

const [url, token, orgId] = process.argv.slice(2);

const client = new ApolloClient({
  link: new HttpLink({ uri: url, headers: { Authorization: `Bearer ${token}` } }),
  cache: new InMemoryCache({
    typePolicies: { Query: { fields: { users: relayStylePagination(["orgId", "filter", "orderBy"]) } } },
  }),
});

const USERS = gql`
  query Users($orgId: ID!, $after: String) {
    users(orgId: $orgId, first: 2, after: $after) {
      edges { cursor node { id displayName } }
      pageInfo { endCursor hasNextPage }
    }
  }
`;

const users = client.watchQuery({ query: USERS, variables: { orgId } });
let held;
const shown = (ready) =>
  new Promise((resolve) => {
    const watching = users.subscribe(({ data, dataState }) => {
      if (dataState !== "complete" || !ready(data.users)) return;
      held = data.users;
      resolve();
      setTimeout(() => watching.unsubscribe());
    });
  });
users.subscribe(() => {});

await shown(({ edges }) => edges.length === 2);
await users.fetchMore({ variables: { after: held.pageInfo.endCursor } });
await shown(({ edges }) => edges.length === 4);
console.log(JSON.stringify({ merged: held.edges.map(({ node }) => node.id) }));

const RENAME = gql`
  mutation Rename($input: UpdateUserInput!) {
    updateUser(input: $input) {
      ... on UserUpdated { user { id displayName } }
      ... on InvalidInput { code message trackingId problems { path code message } }
    }
  }
`;

const rename = async (displayName) => {
  const input = { userId: held.edges[0].node.id, displayName, reason: "renamed", idempotencyKey: crypto.randomUUID() };
  const { data } = await client.mutate({ mutation: RENAME, variables: { input } });
  return data.updateUser;
};
console.log(JSON.stringify({ answered: await rename("Renamed by Apollo") }));
await shown(({ edges }) => edges[0].node.displayName === "Renamed by Apollo");
console.log(JSON.stringify({ shown: held.edges[0].node.displayName, held: held.edges.length }));
console.log(JSON.stringify({ answered: await rename("") }));
console.log(JSON.stringify({ cached: Object.keys(client.cache.extract()).filter((key) => key.startsWith("User:")) }));
client.stop();
process.exit(0);
