// What the dashboard uses of preact and its companions, in one module.

import { h } from "preact";
import htm from "htm";

export { h, render, Fragment, createContext, createRef } from "preact";
export {
  useState,
  useEffect,
  useLayoutEffect,
  useRef,
  useMemo,
  useCallback,
  useContext,
  useId,
  useErrorBoundary,
} from "preact/hooks";
export { signal, computed, effect, batch, untracked, useSignal, useComputed, useSignalEffect } from "@preact/signals";

/** Makes elements from a template. */
export const html = htm.bind(h);
