// What both peers share: the pool, and how a request names its organization.
import pg from "pg";

export const given = JSON.parse(process.env.PEER);

export const pool = new pg.Pool({
  ...given.database,
  max: 16,
  idleTimeoutMillis: 0,
  options: "-c role=texting_app -c jit=off -c timezone=UTC -c statement_timeout=30000",
});

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

// Tokens are not checked: what that costs is ours alone.
export function organization(headers) {
  const found = headers["x-org-id"];
  if (!UUID.test(found)) throw new Error(`x-org-id is no UUID: ${found}`);
  return found;
}
