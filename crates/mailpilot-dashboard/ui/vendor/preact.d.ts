// Types of preact.js: those of the packages it is made of.

import type { VNode } from "preact";

export { h, render, Fragment, createContext, createRef } from "preact";
export type * from "preact";
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
export type { Signal, ReadonlySignal } from "@preact/signals";

/** Makes elements from a template; one that opens with several elements gives them all. */
export function html(strings: TemplateStringsArray, ...values: unknown[]): VNode<any>;
