import type { Client } from '../../src-preload/contract/define.ts'
import type { StitchworkContract } from '../../src-preload/contract/index.ts'

export type AppClient = Client<StitchworkContract>

let current: AppClient | null = null

/** Sets the client of the page; once at start, and in tests a fake one. */
export function provideClient(client: AppClient): void {
  current = client
}

/** The client that every store and page asks through. */
export function useClient(): AppClient {
  if (current === null) throw new Error('invariant: the client is used before main.ts provided it')
  return current
}
