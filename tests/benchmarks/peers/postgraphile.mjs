// The same rows through PostGraphile 5, whose schema comes from the tables; the tenant by `pgSettings`.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { makeJSONPgSmartTagsPlugin } from "postgraphile/utils";
import { organization, pool } from "./database.mjs";

// A user has one primary number: said so, it is one row joined rather than a connection.
const numbers = makeJSONPgSmartTagsPlugin({
  version: 1,
  config: {
    class: {
      "texting.users": {
        tags: {
          foreignKey: "(org_id, primary_number_id) references texting.phone_numbers (org_id, id)|@fieldName primaryNumber",
        },
      },
    },
  },
});

const preset = {
  extends: [PostGraphileAmberPreset],
  plugins: [numbers],
  pgServices: [
    makePgService({
      pool,
      schemas: ["texting"],
      pgSettings: ({ node }) => ({ "texting.org_id": organization(node.req.headers) }),
    }),
  ],
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false, websockets: false },
  grafast: { explain: false },
};

const instance = postgraphile(preset);
const server = createServer();
await instance.createServ(grafserv).addTo(server);
await instance.getSchema();
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
