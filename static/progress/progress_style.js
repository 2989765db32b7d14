// The look of <learning-progress>. Sites change it by custom properties and `::part`.

const CSS = `
:host {
  --color: var(--learning-progress-color, light-dark(#0c6f66, #4fc7b8));
  --track: var(--learning-progress-track, color-mix(in srgb, currentColor 16%, transparent));
  --gap: var(--learning-progress-gap, color-mix(in srgb, currentColor 8%, transparent));
  --radius: var(--learning-progress-radius, 4px);
  display: block;
  font: var(--learning-progress-font, inherit);
  line-height: 1.45;
  overflow-wrap: anywhere;
}
:host([hidden]) { display: none }
[hidden] { display: none !important }
* { box-sizing: border-box }
.head { display: flex; gap: 0.75em; align-items: center }
.bar {
  flex: 1;
  min-width: 4em;
  height: var(--learning-progress-height, 0.625em);
  background: var(--track);
  border-radius: var(--radius);
  overflow: hidden;
}
.fill { height: 100%; width: 0; background: var(--color) }
.percent { font-variant-numeric: tabular-nums; font-weight: 600 }
.strip { display: flex; gap: 2px; margin-top: 0.5em; height: 0.375em }
.cell { flex: 1 1 0; min-width: 1px; position: relative; background: var(--gap); overflow: hidden; border-radius: 1px }
.covered { position: absolute; inset-block: 0; background: var(--color) }
.state { margin: 0.5em 0 0 }
.title { margin: 0.75em 0 0; font: inherit; font-weight: 600 }
.list { margin: 0.25em 0 0; padding-inline-start: 1.25em }
.item { margin-block: 0.25em }
.reason, .missing { font-size: 0.9em }
.missing a { display: inline-block; padding-inline: 0.25em; min-height: 24px }
a { color: var(--learning-progress-link, var(--color)) }
a:focus-visible { outline: 2px solid currentColor; outline-offset: 2px }
@media (forced-colors: active) {
  .bar, .cell { border: 1px solid CanvasText }
  .fill, .covered { background: Highlight; forced-color-adjust: none }
}
`;

let sheet;

// One stylesheet for all elements of a page. A strict policy allows it: nothing of it is inline.
export function addStyle(root) {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  root.adoptedStyleSheets = [sheet];
}
