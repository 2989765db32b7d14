// The React page, bundled at the start, and the part that only a server may do: starting the session.
//
//   SITE=http://127.0.0.1:8000 KEY=lp_live_… LEARNER=hr-17 COURSE=first-steps npm start
//
// Then open http://127.0.0.1:8011/. The tracker's site needs CORS_ALLOWED_ORIGINS=http://127.0.0.1:8011.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { build } from "esbuild";

const { SITE, KEY, LEARNER, COURSE, PORT = "8011" } = process.env;
const missing = Object.entries({ SITE, KEY, LEARNER, COURSE }).filter(([, value]) => !value);
if (missing.length) throw new Error(`Missing in the environment: ${missing.map(([name]) => name).join(", ")}`);

const here = (name) => new URL(name, import.meta.url);
const { outputFiles } = await build({
  entryPoints: [here("src/page.jsx").pathname],
  bundle: true,
  format: "esm",
  splitting: true,
  outdir: "/",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"', SITE: JSON.stringify(SITE) },
  minify: true,
  write: false,
});
const scripts = new Map(outputFiles.map(({ path, contents }) => [path, contents]));

// Who learns what is decided here, by your own login; the browser only names its session.
async function startSession({ client_session_id, device_id, content_id }) {
  const answer = await fetch(`${SITE}/api/employee/start_session`, {
    method: "POST",
    headers: { Authorization: `Token ${KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify({ client_session_id, device_id, content_id, external_id: LEARNER, course_code: COURSE }),
  });
  return [answer.status, await answer.text()];
}

async function body(request) {
  let text = "";
  for await (const part of request) text += part;
  return JSON.parse(text);
}

async function respond(request) {
  const path = request.url.split("?")[0];
  const isJson = request.headers["content-type"]?.includes("json");
  if (request.method === "POST" && path === "/learning-session" && isJson) {
    const answer = await body(request).then(startSession).catch(() => [502, "{}"]);
    return [...answer, "application/json"];
  }
  if (path === "/") return [200, await readFile(here("src/index.html")), "text/html; charset=utf-8"];
  const script = scripts.get(path);
  return script ? [200, script, "text/javascript"] : [404, "", "text/plain"];
}

createServer(async (request, response) => {
  const [status, content, type] = await respond(request);
  response.writeHead(status, { "Content-Type": type }).end(content);
}).listen(Number(PORT), "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}/`));
