export interface FollowOptions<T> {
  /** Opens the stream; called again after a lost connection, so it can start at the last cursor. */
  readonly open: (signal: AbortSignal) => AsyncIterable<T>
  /** `fresh` is true for the first item after every opening. */
  readonly onItem: (item: T, fresh: boolean) => void
  readonly signal: AbortSignal
  /** Settles when the connection is open again. */
  readonly opened: () => Promise<void>
  readonly onError: (error: unknown) => void
}

const isClosed = (error: unknown): boolean => (error as { code?: string }).code === 'closed'

/** Reads a stream until the signal aborts or it ends; opens it again after the connection was lost and is back. */
export async function follow<T>({ open, onItem, signal, opened, onError }: FollowOptions<T>): Promise<void> {
  while (!signal.aborted) {
    try {
      let fresh = true
      for await (const item of open(signal)) {
        onItem(item, fresh)
        fresh = false
      }
      return
    } catch (error) {
      if (signal.aborted) return
      if (!isClosed(error)) return onError(error)
      await opened()
    }
  }
}
