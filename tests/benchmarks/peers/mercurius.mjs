// The same rows through Mercurius: JIT, batched loaders, one transaction a request, prepared statements.
import Fastify from "fastify";
import mercurius from "mercurius";
import { organization, pool } from "./database.mjs";

const schema = `
  enum UserStatus { ACTIVE DEACTIVATED ERASED }
  enum Switch { INHERIT ON OFF }
  enum NumberType { PRIMARY ALTERNATE FAX DNIS }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type UserPhoneNumber { id: ID! phoneNumber: String! type: NumberType! state: String! }
  type User {
    id: ID! displayName: String! email: String status: UserStatus! texting: Switch!
    location: Location primaryNumber: UserPhoneNumber
  }
  type UserEdge { cursor: String! node: User! }
  type UserConnection { edges: [UserEdge!]! pageInfo: PageInfo! }
  type Location { id: ID! name: String! users(first: Int!): UserConnection! }
  type LocationEdge { node: Location! }
  type LocationConnection { edges: [LocationEdge!]! }
  type Org { id: ID! name: String! locations(first: Int!): LocationConnection! }
  type Query { user(id: ID!): User location(id: ID!): Location org(id: ID!): Org }
`;

const USER = "id, location_id, display_name, email, status, texting";
const STATEMENTS = {
  user: `SELECT ${USER} FROM texting.users WHERE org_id = $1 AND id = $2`,
  location: "SELECT id, name FROM texting.locations WHERE org_id = $1 AND id = $2",
  org: "SELECT name FROM texting.orgs WHERE org_id = $1",
  locations: "SELECT id, name FROM texting.locations WHERE org_id = $1 ORDER BY id LIMIT $2",
  locationsOf: "SELECT id, name FROM texting.locations WHERE org_id = $1 AND id = ANY ($2::uuid[])",
  numbersOf: `SELECT owner_id, id, phone_number, type, state FROM texting.phone_numbers WHERE org_id = $1
    AND owner_id = ANY ($2::uuid[]) AND type = 'PRIMARY' AND state = 'ACTIVE'`,
  users: `SELECT ${USER} FROM texting.users WHERE org_id = $1 AND location_id = $2 ORDER BY id LIMIT $3`,
  usersOf: `SELECT p.id AS parent, u.* FROM unnest($2::uuid[]) p(id), LATERAL (SELECT ${USER} FROM texting.users
    WHERE org_id = $1 AND location_id = p.id ORDER BY id LIMIT $3) u`,
};

class Request {
  constructor(org) {
    this.org = org;
    this.client = null;
  }
  async open() {
    const client = await pool.connect();
    await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL texting.org_id = '${this.org}'`);
    return client;
  }
  async rows(name, ...values) {
    this.client ??= this.open();
    const client = await this.client;
    return (await client.query({ name, text: STATEMENTS[name], values: [this.org, ...values] })).rows;
  }
  async close() {
    if (this.client === null) return;
    const client = await this.client;
    this.client = null;
    await client.query("COMMIT");
    client.release();
  }
  gid(type, id) {
    return Buffer.from(`${type}:${this.org}:${id}`).toString("base64url");
  }
}

const rowId = (gid) => Buffer.from(gid, "base64url").toString().split(":")[2];
const cursor = (id) => Buffer.from(`["users.id+","${id}"]`).toString("base64url");

const user = (request, row) => ({
  id: request.gid("User", row.id),
  displayName: row.display_name,
  email: row.email,
  status: row.status,
  texting: row.texting,
  row,
});
const location = (request, row) => ({ id: request.gid("Location", row.id), name: row.name, row });

function connection(request, rows, size) {
  const shown = rows.length > size ? rows.slice(0, size) : rows;
  return {
    edges: shown.map((row) => ({ cursor: cursor(row.id), node: user(request, row) })),
    pageInfo: { hasNextPage: rows.length > size, endCursor: shown.length ? cursor(shown.at(-1).id) : null },
  };
}

const resolvers = {
  Query: {
    async user(_, { id }, { request }) {
      const [row] = await request.rows("user", rowId(id));
      return row ? user(request, row) : null;
    },
    async location(_, { id }, { request }) {
      const [row] = await request.rows("location", rowId(id));
      return row ? location(request, row) : null;
    },
    async org(_, { id }, { request }) {
      const [row] = await request.rows("org");
      return row ? { id, name: row.name } : null;
    },
  },
  Org: {
    async locations(_, { first }, { request }) {
      const rows = await request.rows("locations", first + 1);
      return { edges: rows.slice(0, first).map((row) => ({ node: location(request, row) })) };
    },
  },
};

// Keys are not remembered: each object is asked for once, and writing keys costs more than it saves.
const opts = { cache: false };
const loaders = {
  User: {
    location: {
      opts,
      async loader(queries, { request }) {
        const rows = await request.rows("locationsOf", [...new Set(queries.map(({ obj }) => obj.row.location_id))]);
        const found = new Map(rows.map((row) => [row.id, location(request, row)]));
        return queries.map(({ obj }) => found.get(obj.row.location_id) ?? null);
      },
    },
    primaryNumber: {
      opts,
      async loader(queries, { request }) {
        const rows = await request.rows("numbersOf", queries.map(({ obj }) => obj.row.id));
        const found = new Map();
        for (const { owner_id, id, phone_number, type, state } of rows)
          found.set(owner_id, { id: request.gid("UserPhoneNumber", id), phoneNumber: phone_number, type, state });
        return queries.map(({ obj }) => found.get(obj.row.id) ?? null);
      },
    },
  },
  Location: {
    users: {
      opts,
      async loader(queries, { request }) {
        const size = queries[0].params.first;
        if (queries.length === 1)
          return [connection(request, await request.rows("users", queries[0].obj.row.id, size + 1), size)];
        const found = new Map(queries.map(({ obj }) => [obj.row.id, []]));
        for (const row of await request.rows("usersOf", [...found.keys()], size + 1)) found.get(row.parent).push(row);
        return queries.map(({ obj }) => connection(request, found.get(obj.row.id), size));
      },
    },
  },
};

const app = Fastify({ logger: false });
app.register(mercurius, {
  schema,
  resolvers,
  loaders,
  jit: 1,
  graphiql: false,
  path: "/graphql",
  context: (request) => ({ request: new Request(organization(request.headers)) }),
});
await app.ready();
app.graphql.addHook("onResolution", (_, { request }) => request.close());
await app.listen({ host: "127.0.0.1", port: 0 });
console.log(app.server.address().port);
