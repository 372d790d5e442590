// urql: subscriptions over SSE (its own) or WebSockets, and while one is open queries and mutations that answer JSON.
import { Client, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [transport, url, token, orgId] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${token}` };

const types = [];
const watched = async (...request) => {
  const answer = await fetch(...request);
  types.push(answer.headers.get("content-type"));
  return answer;
};

const sockets = () => {
  const client = createClient({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, connectionParams: headers });
  return subscriptionExchange({
    forwardSubscription: ({ query, variables }) => ({
      subscribe: (sink) => ({ unsubscribe: client.subscribe({ query, variables }, sink) }),
    }),
  });
};

const client = new Client({
  url,
  fetch: watched,
  fetchOptions: { headers },
  preferGetMethod: false,
  fetchSubscriptions: transport === "sse",
  exchanges: transport === "ws" ? [sockets(), fetchExchange] : [fetchExchange],
});

const SEALED = gql`
  subscription Sealed($orgId: ID!, $after: String) {
    auditRecordSealed(orgId: $orgId, after: $after) { cursor record { id action } }
  }
`;
const ORG = gql`query Org($id: ID!) { org(id: $id) { id name } }`;
const RENAME = gql`
  mutation Rename($input: UpdateOrgInput!) {
    updateOrg(input: $input) {
      __typename
      ... on OrgUpdated { org { id name } auditRecord { id } }
      ... on Refusal { code message trackingId }
    }
  }
`;

const events = [];
let arrived;
const subscription = client.subscription(SEALED, { orgId }).subscribe(({ data, error }) => {
  events.push(error ? { error: error.message } : data.auditRecordSealed.record);
  arrived?.();
});

const rename = (name) =>
  client.mutation(RENAME, { input: { orgId, name, reason: "renamed", idempotencyKey: crypto.randomUUID() } }).toPromise();

// A stream has no word for "I listen now": what is sealed from here on is asked for until some of it comes.
const changed = [];
while (events.length === 0 && changed.length < 20) {
  const next = new Promise((resolve) => { arrived = resolve; });
  changed.push((await rename(`Renamed by urql ${changed.length}`)).data.updateOrg);
  await Promise.race([next, new Promise((resolve) => setTimeout(resolve, 1000))]);
}
const read = await client.query(ORG, { id: orgId }).toPromise();
const refused = await rename("");
subscription.unsubscribe();
console.log(JSON.stringify({ events, changed, read: read.data, refused: refused.data.updateOrg, error: refused.error ?? null, types }));
process.exit(0);
