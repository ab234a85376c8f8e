/** What the console uses of htm's standalone build with Preact: types of our own. */

export type Node = unknown;
export type Ref<T> = { current: T };

export function html(strings: TemplateStringsArray, ...values: unknown[]): Node;
export function render(node: Node, into: Element): void;
export function useCallback<T extends Function>(call: T, deps: unknown[]): T;
export function useEffect(effect: () => void | (() => void), deps?: unknown[]): void;
export function useRef(initial: unknown): Ref<any>;
export function useState(initial?: unknown): [any, (next: any) => void];
