/** Data of the API as a screen needs it: loading, error, value; refreshed only while it is seen. */

import { messageOf, Problem, serverTime } from "./api.js";
import { useCallback, useEffect, useRef, useState } from "./vendor/htm-preact.js";

/** A refresh waits for the one before: cut off each time, a slow answer would never be shown. */
const PATIENCE = 40e3;

/** What was thrown, as what screens show. @param {unknown} error */
const problemOf = (error) =>
  error instanceof Problem ? error : new Problem(null, { detail: messageOf(error) });

/**
 * @template Value
 * @param {(signal: AbortSignal, shown?: Value) => Promise<Value>} load `shown` is what a refresh renews
 * @param {any[]} deps loaded anew when one changes
 * @param {{every?: number}} [options] seconds between refreshes, none while the page is hidden
 * @returns {Data<Value>}
 */
export function useData(load, deps, options = {}) {
  /** @typedef {{value: Value | undefined, error: Problem | null, loading: boolean}} State */
  const [state, setState] = useState(
    /** @type {State} */ ({ value: undefined, error: null, loading: true }),
  );
  const current = useRef(load);
  const running = useRef(/** @type {{control: AbortController, began: number} | null} */ (null));
  current.current = load;
  const shown = useRef(/** @type {Value | undefined} */ (undefined));
  shown.current = state.value;
  /** @type {(quiet?: boolean, refreshed?: Value) => Promise<void>} */
  const reload = useCallback(async (quiet = false, refreshed = undefined) => {
    running.current?.control.abort();
    const control = new AbortController();
    const mine = { control, began: Date.now() };
    running.current = mine;
    if (!quiet) setState((old) => ({ ...old, loading: true }));
    try {
      const value = await current.current(control.signal, refreshed);
      if (!control.signal.aborted) setState({ value, error: null, loading: false });
    } catch (error) {
      if (!control.signal.aborted)
        setState((old) => ({
          value: quiet ? old.value : undefined,
          error: problemOf(error),
          loading: false,
        }));
    }
    if (running.current === mine) running.current = null;
  }, []);
  useEffect(() => {
    reload();
    return () => running.current?.control.abort();
  }, deps);
  useEffect(() => {
    if (!options.every) return undefined;
    /** @param {Event} [returned] to a page that was hidden: what was missed is all there is */
    const tick = (returned) => {
      if (document.visibilityState !== "visible") return;
      if (running.current && Date.now() - running.current.began < PATIENCE) return;
      reload(true, returned ? undefined : shown.current);
    };
    const timer = setInterval(() => tick(), options.every * 1000);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [options.every, reload]);
  return {
    ...state,
    reload: (quiet) => reload(quiet),
    set: (/** @type {Value} */ value) => setState({ value, error: null, loading: false }),
  };
}

/** Items come in up to so long after the time they bear; as much time is renewed at once. */
const OVERLAP = 120e3;
/** A list that has grown by so many is asked for anew. */
const MOST_NEW = 200;
/**
 * What a list has shown: `at` which time, and how its last refresh was.
 * @template Item
 * @typedef {Api.Page<Item> & {at: number, tailed?: boolean, renewed?: number}} Seen
 */
/**
 * @template Item
 * @typedef {{items: Item[], cursor: string | null | undefined, busy: boolean, error: Problem | null}} Further
 */

/**
 * A list that goes on by cursor. With `every`, its first page comes anew by itself while no further
 * one is shown: rows would be missing between the two. With `tail`, where a whole page may take a
 * long search, only what is newer than the last answer is asked for; and every other time, what
 * is older and `moves` yet, two minutes of the list in their turn.
 * @template Item
 * @param {(cursor: string | null, signal: AbortSignal, since?: string, until?: string) => Promise<Api.Page<Item>>} load
 * @param {any[]} deps
 * @param {{every?: number, tail?: boolean, moves?: (one: Item) => boolean}} [options]
 * @returns {List<Item>}
 */
export function useList(load, deps, options = {}) {
  /** @type {Further<Item>} */
  const none = { items: [], cursor: undefined, busy: false, error: null };
  const [more, setMore] = useState(none);
  const further = useRef(/** @type {AbortController | null} */ (null));
  const paged = more.cursor !== undefined;
  const first = useData(
    async (signal, /** @type {Seen<Item> | undefined} */ shown) => {
      const at = serverTime();
      if (shown && options.tail && shown.items.length < MOST_NEW) {
        const old = options.moves && olderThatMoves(shown, options.moves);
        if (old)
          return renewed(shown, old, await load(null, signal, iso(old.since), iso(old.until)));
        const since = shown.at - OVERLAP;
        const late = await load(null, signal, iso(since));
        const before = shown.items.filter((one) => bornAt(one) < since);
        if (!late.next_cursor)
          return { ...shown, at, items: [...late.items, ...before], tailed: true };
      }
      return { ...(await load(null, signal)), at };
    },
    deps,
    { every: paged ? 0 : options.every },
  );
  const forget = () => {
    further.current?.abort();
    setMore(none);
  };
  useEffect(() => forget, deps);
  const reload = (quiet = false) => {
    forget();
    return first.reload(quiet);
  };
  const cursor = (paged ? more.cursor : first.value?.next_cursor) ?? null;
  const goOn = async () => {
    const control = new AbortController();
    further.current = control;
    setMore((old) => ({ ...old, busy: true, error: null }));
    try {
      const page = await load(cursor, control.signal);
      if (control.signal.aborted) return;
      setMore((old) => ({
        ...none,
        items: [...old.items, ...page.items],
        cursor: page.next_cursor,
      }));
    } catch (error) {
      if (!control.signal.aborted)
        setMore((old) => ({ ...old, busy: false, error: problemOf(error) }));
    }
  };
  const seen = new Set();
  const items = [...(first.value?.items ?? []), ...more.items].filter(
    (one) => !seen.has(idOf(one)) && seen.add(idOf(one)),
  );
  return {
    ...first,
    reload,
    items,
    cursor,
    goOn,
    busy: more.busy || first.loading,
    paged,
    moreError: more.error,
  };
}

/**
 * The times of some rows that move, next to those that were renewed last.
 * @template Item
 * @param {Seen<Item>} shown @param {(one: Item) => boolean} moves
 */
function olderThatMoves({ items, at, tailed, renewed: last = Infinity }, moves) {
  if (!tailed) return null;
  const times = items.filter(moves).map(bornAt);
  const older = times.filter((time) => time < at - OVERLAP);
  if (!older.length) return null;
  const newest = older.find((time) => time < last) ?? older[0];
  const since = Math.min(...older.filter((time) => time <= newest && newest - time < OVERLAP));
  return { since, until: newest + 1 };
}

/**
 * With what has become of some rows; those that fit the list's filters no more are gone.
 * @template Item
 * @param {Seen<Item>} shown @param {{since: number, until: number}} times @param {Api.Page<Item>} page
 * @returns {Seen<Item>}
 */
function renewed(shown, { since, until }, page) {
  const found = new Map(page.items.map((one) => [idOf(one), one]));
  const items = shown.items.flatMap((one) => {
    const within = since <= bornAt(one) && bornAt(one) < until;
    return within ? (found.get(idOf(one)) ?? (page.next_cursor ? one : [])) : one;
  });
  return { ...shown, items, tailed: false, renewed: since };
}

/** @param {number} time */
const iso = (time) => new Date(time).toISOString();
/** @param {any} one an item of any list */
const bornAt = (one) => Date.parse(one.created_at ?? one.accepted_at);
/** @param {any} one an item of any list @returns {string} */
const idOf = (one) => one.id ?? one.type ?? one.principal_id ?? JSON.stringify(one);

/** The time now, told anew every `seconds` while the page is seen. */
export function useNow(seconds = 1) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(
      () => document.visibilityState === "visible" && setNow(Date.now()),
      seconds * 1000,
    );
    return () => clearInterval(timer);
  }, [seconds]);
  return now;
}

/** An act of the user: busy while it runs, its problem when it fails. */
export function useAct() {
  const [state, setState] = useState(
    /** @type {{busy: boolean, problem: Problem | null}} */ ({ busy: false, problem: null }),
  );
  const run = async (/** @type {() => unknown} */ act) => {
    setState({ busy: true, problem: null });
    try {
      const value = await act();
      setState({ busy: false, problem: null });
      return value ?? true;
    } catch (error) {
      setState({ busy: false, problem: problemOf(error) });
      return null;
    }
  };
  return { ...state, run, clear: () => setState({ busy: false, problem: null }) };
}
