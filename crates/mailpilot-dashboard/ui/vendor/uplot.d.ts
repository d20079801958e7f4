// Types of uplot.js: those of its package.

export { default as uPlot } from "uplot";
