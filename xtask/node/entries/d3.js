// What charts use of d3: round values, round moments of the reader's clock, lines with gaps.

export { ticks } from "d3-array";
export { line } from "d3-shape";
export { timeTickInterval } from "d3-time";
