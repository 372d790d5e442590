// Compares the released schema with the printed one: fails for each breaking change whose path, such as
// `User.email`, the changelog does not name under Unreleased.
import { readFileSync } from "node:fs";
import { CriticalityLevel, diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";

const [released, printed, changelog] = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));
const unreleased = changelog.split(/^## /m).find((section) => section.startsWith("[Unreleased]")) ?? "";

const changes = await diff(buildSchema(released), buildSchema(printed));
const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
const unnamed = breaking.filter(({ path }) => !unreleased.includes(`\`${path}\``));

for (const { path, message } of unnamed) {
  console.error(`${path}: ${message}. This breaks clients: keep it, or name \`${path}\` in CHANGELOG.md under Unreleased.`);
}
console.log(`${changes.length} changes since the release, ${breaking.length} of them breaking, ${unnamed.length} not named`);
process.exitCode = unnamed.length ? 1 : 0;
