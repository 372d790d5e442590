// Relay's rules on the printed schema: connections, edges, PageInfo, arguments of pages.
import graphql from "@graphql-eslint/eslint-plugin";

const relay = graphql.configs["flat/schema-relay"].rules;

export default [
  {
    files: ["**/*.graphql"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: "schema/schema.graphql" } },
    },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...relay,
      // Short lists that are whole, such as a user's numbers or a decision's rules, are no connections.
      "@graphql-eslint/relay-edge-types": [
        "error",
        { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
      ],
    },
  },
];
