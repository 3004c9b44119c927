import { computed, readonly, shallowRef, type ComputedRef, type ShallowRef } from 'vue'

export const pages = [
  'datasets',
  'collect',
  'train',
  'runs',
  'compare',
  'replay',
  'engines',
  'settings'
] as const
export type PageName = (typeof pages)[number]

/** The key that goes to a page after `g`. */
export const pageKeys: Readonly<Record<PageName, string>> = {
  datasets: 'd',
  collect: 'm',
  train: 't',
  runs: 'r',
  compare: 'c',
  replay: 'p',
  engines: 'e',
  settings: 's'
}

/** A place in the app: `#/runs/ID?tab=log` is page `runs`, id `ID`, query `{ tab: 'log' }`. */
export interface Route {
  readonly page: PageName
  readonly id: string | null
  readonly query: Readonly<Record<string, string>>
}

/** Reads a fragment; anything unknown leads to the datasets. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#/, '').split('?')
  const [name, id] = path.split('/').filter(Boolean)
  const page = pages.find(candidate => candidate === name) ?? 'datasets'
  const query = Object.fromEntries(new URLSearchParams(search))
  return { page, id: id === undefined || page !== name ? null : decode(id), query }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The fragment of a place; empty query values are left out. */
export function routeHash(
  page: PageName,
  id: string | null = null,
  query: Record<string, string> = {}
): string {
  const kept = Object.entries(query).filter(([, value]) => value !== '')
  const search = kept.length > 0 ? `?${new URLSearchParams(kept).toString()}` : ''
  return `#/${page}${id === null ? '' : `/${encodeURIComponent(id)}`}${search}`
}

const current = shallowRef<Route>(parseRoute(globalThis.location?.hash ?? ''))
globalThis.addEventListener?.('hashchange', () => {
  current.value = parseRoute(location.hash)
})

/** Goes to a place; the browser's back button returns. */
export function go(page: PageName, id: string | null = null, query: Record<string, string> = {}): void {
  const hash = routeHash(page, id, query)
  if (location.hash !== hash) location.hash = hash
  current.value = parseRoute(hash)
}

/** Changes the query of the present place without a step in the history, for filters and chosen tabs. */
export function setQuery(changes: Record<string, string>): void {
  const { page, id, query } = current.value
  const hash = routeHash(page, id, { ...query, ...changes })
  history.replaceState(history.state, '', hash)
  current.value = parseRoute(hash)
}

/** The present place, as a readonly ref that follows the address. */
export const useRoute = (): Readonly<ShallowRef<Route>> => readonly(current)

/** One value of the query as a computed string, empty when absent. */
export const useQuery = (name: string): ComputedRef<string> => computed(() => current.value.query[name] ?? '')
