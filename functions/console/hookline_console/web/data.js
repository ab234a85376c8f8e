/** Data of the API as a screen needs it: loading, error, value; refreshed only while it is seen. */

import { useCallback, useEffect, useRef, useState } from "./vendor/htm-preact.js";

/**
 * @param {(signal: AbortSignal) => Promise<any>} load
 * @param {any[]} deps loaded anew when one changes
 * @param {{every?: number}} [options] seconds between refreshes, none while the page is hidden
 */
export function useData(load, deps, options = {}) {
  const [state, setState] = useState({ value: undefined, error: null, loading: true });
  const current = useRef(load);
  const running = useRef(null);
  current.current = load;
  const reload = useCallback(async (quiet = false) => {
    running.current?.abort();
    const control = new AbortController();
    running.current = control;
    if (!quiet) setState((old) => ({ ...old, loading: true }));
    try {
      const value = await current.current(control.signal);
      if (!control.signal.aborted) setState({ value, error: null, loading: false });
    } catch (error) {
      if (!control.signal.aborted)
        setState((old) => ({ value: quiet ? old.value : undefined, error, loading: false }));
    }
  }, []);
  useEffect(() => {
    reload();
    return () => running.current?.abort();
  }, deps);
  useEffect(() => {
    if (!options.every) return undefined;
    const tick = () => document.visibilityState === "visible" && reload(true);
    const timer = setInterval(tick, options.every * 1000);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [options.every, reload]);
  return { ...state, reload, set: (value) => setState({ value, error: null, loading: false }) };
}

/**
 * A list that goes on by cursor; with `every`, new items of the first page come in at the top.
 * @param {(cursor: string | null, signal: AbortSignal) => Promise<{items: any[], next_cursor: string | null}>} load
 */
export function useList(load, deps, options = {}) {
  const [more, setMore] = useState({ items: [], cursor: undefined, busy: false, error: null });
  const first = useData((signal) => load(null, signal), deps, options);
  useEffect(() => setMore({ items: [], cursor: undefined, busy: false, error: null }), deps);
  const cursor = more.cursor === undefined ? first.value?.next_cursor : more.cursor;
  const goOn = async () => {
    setMore((old) => ({ ...old, busy: true, error: null }));
    try {
      const page = await load(cursor, new AbortController().signal);
      setMore((old) => ({
        items: [...old.items, ...page.items],
        cursor: page.next_cursor,
        busy: false,
        error: null,
      }));
    } catch (error) {
      setMore((old) => ({ ...old, busy: false, error }));
    }
  };
  const seen = new Set();
  const items = [...(first.value?.items ?? []), ...more.items].filter(
    (one) => !seen.has(idOf(one)) && seen.add(idOf(one)),
  );
  return { ...first, items, cursor: cursor ?? null, goOn, busy: more.busy, moreError: more.error };
}

const idOf = (one) => one.id ?? one.type ?? one.webhook_id ?? JSON.stringify(one);

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
  const [state, setState] = useState({ busy: false, problem: null });
  const run = async (act) => {
    setState({ busy: true, problem: null });
    try {
      const value = await act();
      setState({ busy: false, problem: null });
      return value ?? true;
    } catch (problem) {
      setState({ busy: false, problem });
      return null;
    }
  };
  return { ...state, run, clear: () => setState({ busy: false, problem: null }) };
}
