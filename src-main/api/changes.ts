import type { ChangeSink } from '../training/supervisorInterface.ts'

/** What may change; each carries ids: runs for all but `datasets` and `behaviours`. */
export type Topic = 'runs' | 'datasets' | 'behaviours' | 'points' | 'evaluations' | 'log'

/** Changes of one topic since the last look; at most one entry an id, however slow the reader. */
export interface Subscription {
  /** Waits for changes and takes them all; null once the signal aborts. */
  next(signal: AbortSignal): Promise<ReadonlySet<string> | null>
  close(): void
}

/**
 * Tells streams of this process what was just committed. Listeners get ids and read the store themselves, so a slow one costs
 * a set of ids and gets fewer, larger batches.
 */
export class ChangeHub implements ChangeSink {
  readonly #listeners = new Map<Topic, Set<(ids: readonly string[]) => void>>()

  runsChanged(ids: readonly string[]): void {
    this.publish('runs', ids)
  }
  runsRemoved(ids: readonly string[]): void {
    this.publish('runs', ids)
  }
  pointsAppended(runId: string): void {
    this.publish('points', [runId])
  }
  evaluationAdded(runId: string): void {
    this.publish('evaluations', [runId])
    this.publish('runs', [runId])
  }
  logAppended(runId: string): void {
    this.publish('log', [runId])
  }

  publish(topic: Topic, ids: readonly string[]): void {
    for (const listener of this.#listeners.get(topic) ?? []) listener(ids)
  }

  /** Begins to gather changes at once, so that what happens between a read and the first wait is not missed. */
  subscribe(topic: Topic): Subscription {
    let pending = new Set<string>()
    let wake: () => void = () => undefined
    const listener = (ids: readonly string[]) => {
      ids.forEach(id => pending.add(id))
      wake()
    }
    const listeners = this.#listeners.get(topic) ?? new Set()
    this.#listeners.set(topic, listeners.add(listener))
    return {
      async next(signal) {
        if (pending.size === 0 && !signal.aborted) {
          await new Promise<void>(resolve => {
            wake = resolve
            signal.addEventListener('abort', () => resolve(), { once: true })
          })
        }
        if (signal.aborted) return null
        const taken = pending
        pending = new Set()
        return taken
      },
      close: () => void listeners.delete(listener)
    }
  }
}

/**
 * Changes of a topic as they come, at most one batch every `pauseMs`.
 * @param first called once the subscription gathers, before the first wait: what exists already
 */
export async function* followTopic<T>(
  hub: ChangeHub,
  topic: Topic,
  signal: AbortSignal,
  options: {
    readonly pauseMs: number
    readonly first: () => Iterable<T> | Promise<Iterable<T>>
    readonly next: (ids: ReadonlySet<string>) => Iterable<T> | Promise<Iterable<T>>
  }
): AsyncGenerator<T> {
  const subscription = hub.subscribe(topic)
  try {
    yield* await options.first()
    for (let ids = await subscription.next(signal); ids !== null; ids = await subscription.next(signal)) {
      yield* await options.next(ids)
      await pause(options.pauseMs, signal)
    }
  } finally {
    subscription.close()
  }
}

/** Waits, but not longer than the signal. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
