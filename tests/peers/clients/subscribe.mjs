// Follows a subscription with somebody else's client: prints each response as a line of JSON, and counts connections.
import { createClient as overSockets } from "graphql-ws";
import { createClient as overEvents } from "graphql-sse";
import WebSocket from "ws";

const [transport, url, token, query, variables] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${token}` };
const client =
  transport === "ws"
    ? overSockets({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, connectionParams: headers, retryAttempts: 0 })
    : overEvents({ url, headers, retryAttempts: 0 });

client.subscribe(
  { query, variables: JSON.parse(variables) },
  {
    next: (response) => console.log(JSON.stringify(response)),
    error: (error) => {
      console.log(JSON.stringify({ failed: error.message ?? error.reason ?? error }));
      process.exit(1);
    },
    complete: () => process.exit(0),
  },
);
