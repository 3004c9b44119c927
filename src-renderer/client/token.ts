const key = 'stitchwork.token'

interface Place {
  readonly hash: string
  readonly pathname: string
}

/** The token and the route of an address fragment: `#token=T`, `#token=T&/runs/ID`, `#/runs/ID?token=T` or without token. */
export function splitFragment(hash: string): { readonly token: string | null; readonly route: string } {
  const match = /[#&?]token=([\w-]+)/.exec(hash)
  const route = hash.replace(/([#&?])token=[\w-]+&?/, '$1').replace(/[?&]$/, '')
  return { token: match?.[1] ?? null, route: route === '#' ? '' : route }
}

/**
 * Takes the token out of the address bar, so that it is in no bookmark and no screenshot, and keeps it for reloads of this tab.
 * @returns the token, empty when there is none
 */
export function takeToken(location: Place, history: Pick<History, 'replaceState'>, storage: Storage): string {
  const { token, route } = splitFragment(location.hash)
  if (token === null) return storage.getItem(key) ?? ''
  storage.setItem(key, token)
  history.replaceState(null, '', `${location.pathname}${route}`)
  return token
}
