// What charts use of d3: round values and round moments of the reader's clock.

export { ticks } from "d3-array";
export { timeTickInterval } from "d3-time";
