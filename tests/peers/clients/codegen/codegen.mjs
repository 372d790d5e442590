// graphql-codegen: types of every operation in TypeScript, and those of our scalars.
export default {
  schema: "schema.graphql",
  documents: ["users.ts"],
  ignoreNoDocuments: false,
  generates: {
    "./generated/": {
      preset: "client",
      config: {
        enumsAsTypes: true,
        strictScalars: true,
        scalars: {
          AppVersion: "string",
          DateTime: "string",
          JSON: "unknown",
          PhoneNumber: "string",
          UnsignedInt64: "string",
        },
      },
    },
  },
};
