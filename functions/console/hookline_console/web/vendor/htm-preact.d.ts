/** What the console uses of htm's standalone build with Preact: types of our own. */

declare const made: unique symbol;
export interface Node {
  [made]: true;
}
export type Ref<T> = { current: T };
/** What handlers read of an event: each stands on a field, a form, a link or a button. */
export type Happened = MouseEvent & { currentTarget: HTMLInputElement };
/** What may stand in a template; a function that says no types of its own handles an event. */
export type Value =
  | ((event: Happened) => unknown)
  | object
  | string
  | number
  | boolean
  | null
  | undefined;

export function html(strings: TemplateStringsArray, ...values: Value[]): Node;
export function render(node: Node, into: Element): void;
export function useCallback<T extends Function>(call: T, deps: unknown[]): T;
export function useMemo<T>(make: () => T, deps: unknown[]): T;
export function useEffect(effect: () => void | (() => void), deps?: unknown[]): void;
export function useLayoutEffect(effect: () => void | (() => void), deps?: unknown[]): void;
export function useRef<T>(initial: T): Ref<T>;
export function useState<T>(initial: T | (() => T)): [T, (next: T | ((old: T) => T)) => void];
