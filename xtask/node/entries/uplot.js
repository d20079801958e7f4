// The chart, under its name.

export { default as uPlot } from "uplot";
