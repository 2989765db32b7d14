// A round trip through the API, in which every address, field and answer is checked by the compiler.
import createClient from "openapi-fetch";
import type { components, paths } from "./api";

declare const process: { env: Record<string, string>; exitCode: number };
declare const console: { log(text: string): void; error(text: unknown): void };

type Row = components["schemas"]["Learner"] | components["schemas"]["RemovedRow"];

const client = createClient<paths>({
  baseUrl: process.env.SITE,
  headers: { Authorization: `Token ${process.env.KEY}` },
});

function isRemoved(row: Row): row is components["schemas"]["RemovedRow"] {
  return "deleted" in row;
}

async function roundTrip(): Promise<void> {
  const first = await client.GET("/api/learners/", { params: { query: { cursor: "" } } });
  const made = await client.POST("/api/learners/upsert/", {
    params: { header: { "Idempotency-Key": "typescript-1" } },
    body: { username: "lena", external_id: "hr-17", department: "Warehouse" },
  });
  if (!made.data || !first.data) throw new Error(JSON.stringify(made.error ?? first.error));
  const changed = await client.GET("/api/learners/", {
    params: { query: { updated_since: first.data.next_updated_since } },
  });
  const rows = (changed.data?.results ?? []).filter((row: Row) => !isRemoved(row));
  const refused = await client.POST("/api/learners/upsert/", { body: {} });
  console.log(
    JSON.stringify({
      id: made.data.id,
      rows: rows.map((row: Row) => row.id),
      refused: refused.error?.errors[0]?.attr,
    }),
  );
}

roundTrip().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
