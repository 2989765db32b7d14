// Prints what each entry of the package exports, by its modules and by its types.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import ts from "typescript";

const require = createRequire(import.meta.url);
const home = require.resolve("@learning-progress/tracker/package.json").replace("package.json", "");
const { exports } = JSON.parse(readFileSync(`${home}package.json`, "utf8"));
const entries = Object.entries(exports).filter(([, entry]) => entry.types);
const paths = entries.map(([, entry]) => home + entry.types);
const program = ts.createProgram(paths, { strict: true, skipLibCheck: false, types: [], lib: ["lib.es2022.d.ts", "lib.dom.d.ts"] });
const checker = program.getTypeChecker();

const found = {};
for (const [name, entry] of entries) {
  const module = await import(`@learning-progress/tracker${name.slice(1)}`);
  const file = program.getSourceFile(home + entry.types);
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(file));
  const typed = symbols.filter(({ flags }) => flags & ts.SymbolFlags.Value);
  const members = {};
  for (const symbol of typed.filter(({ flags }) => flags & ts.SymbolFlags.Class)) {
    const own = [...symbol.members.values()].filter(({ flags }) => flags & ts.SymbolFlags.Method);
    const prototype = module[symbol.name].prototype;
    members[symbol.name] = Object.fromEntries(own.map((each) => [each.name, typeof prototype[each.name]]));
  }
  const events = symbols.filter((symbol) => symbol.name.endsWith("Events"));
  found[name] = {
    real: Object.keys(module).sort(),
    typed: typed.map((symbol) => symbol.name).sort(),
    members,
    events: events.flatMap((symbol) => [...symbol.members.keys()]).sort(),
  };
}
console.log(JSON.stringify(found));
