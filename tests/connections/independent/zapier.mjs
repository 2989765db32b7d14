// Says what Zapier's own validator finds wrong with the integration in docs/recipes/zapier.
import schema from "zapier-platform-schema";
import app from "../../../docs/recipes/zapier/index.mjs";

// As zapier-platform-core writes functions before it validates an integration.
const written = (value) => {
  if (typeof value === "function") return `$func$${value.length}$f$`;
  if (Array.isArray(value)) return value.map(written);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, written(each)]));
};

const { errors } = schema.validateAppDefinition(written(app));
console.log(JSON.stringify({ errors: errors.map((error) => error.stack ?? String(error)), triggers: Object.keys(app.triggers) }));
