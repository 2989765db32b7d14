// Reads pairs of scripts as JSON ([[source, served], …]) and prints the indexes of those that aren't
// the same program.
const ts = require("./typescript/node_modules/typescript");

const parse = (text) => ts.createSourceFile("script.mjs", text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);

function parts(node, file, found = []) {
  found.push(ts.SyntaxKind[node.kind]);
  const before = found.length;
  ts.forEachChild(node, (child) => {
    parts(child, file, found);
  });
  // An empty block or object has no text but blank space and comments.
  const isEmpty = ts.isBlock(node) || ts.isObjectLiteralExpression(node) || ts.isClassLike(node);
  if (found.length === before && !isEmpty) found.push(node.getText(file));
  return found;
}

function program(text) {
  const file = parse(text);
  if (file.parseDiagnostics.length) return `wrong: ${file.parseDiagnostics[0].messageText}`;
  return JSON.stringify(file.statements.map((statement) => parts(statement, file)));
}

const pairs = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const different = pairs.flatMap(([source, served], index) => (program(source) === program(served) ? [] : [index]));
console.log(JSON.stringify(different));
