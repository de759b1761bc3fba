/** Charts as SVG text; no browser, no fonts, no files. */
export { type Chart, renderCharts, type Scale, type Series } from './chart.js';
export { colourOf, escapeMarkup, px, svgDocument, svgLine, svgText } from './svg.js';
