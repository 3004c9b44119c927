import { readonly, shallowReactive } from 'vue'
import { createClient } from '../../src-preload/contract/client.ts'
import { contract } from '../../src-preload/contract/index.ts'
import type { Port } from '../../src-preload/contract/frames.ts'
import type { AppClient } from './holder.ts'

export type ConnectionState = 'connecting' | 'open' | 'lost' | 'refused'

export interface ConnectionStatus {
  state: ConnectionState
  /** Tries since the connection was lost. */
  attempts: number
  /** Milliseconds until the next try; 0 while one is under way. */
  retryInMs: number
}

export interface Connection {
  readonly client: AppClient
  readonly status: Readonly<ConnectionStatus>
  /** Tries now instead of at the end of the pause. */
  readonly retry: () => void
  /** Settles when the connection is open; at once if it is. */
  readonly opened: () => Promise<void>
}

const longestPauseMs = 10_000

/** Pause before a try: 0.5, 1, 2, 4, 8, then 10 s. */
export const pauseBefore = (attempt: number): number => Math.min(longestPauseMs, 250 * 2 ** attempt)

/**
 * A client over a port that is opened again when it is lost, with growing pauses, until it is refused.
 * @param open opens a port; calls `refused` when the host does not accept this page
 */
export function createConnection(open: (refused: () => void) => Port): Connection {
  const status = shallowReactive<ConnectionStatus>({ state: 'connecting', attempts: 0, retryInMs: 0 })
  const waiting: (() => void)[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  const client = createClient(contract, () => {
    const port = open(() => (status.state = 'refused'))
    port.onClose(lost)
    return port
  })

  function lost(): void {
    clearTimeout(timer)
    if (status.state === 'refused') return
    status.state = 'lost'
    status.attempts++
    status.retryInMs = pauseBefore(status.attempts)
    timer = setTimeout(attempt, status.retryInMs)
  }

  function attempt(): void {
    clearTimeout(timer)
    status.retryInMs = 0
    client.app.info({}).then(isOpen, (error: { code?: string }) => {
      // `closed` is already counted by onClose; any other answer means that the host is there.
      if (error.code !== 'closed') isOpen()
    })
  }

  function isOpen(): void {
    status.state = 'open'
    status.attempts = 0
    for (const resolve of waiting.splice(0)) resolve()
  }

  attempt()
  return {
    client,
    status: readonly(status),
    retry: attempt,
    opened: () =>
      status.state === 'open' ? Promise.resolve() : new Promise(resolve => void waiting.push(resolve))
  }
}
