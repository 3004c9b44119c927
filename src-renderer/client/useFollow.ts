import { onScopeDispose, watch } from 'vue'
import { follow } from './follow.ts'
import { useConnection } from './index.ts'

export interface UseFollow<T> {
  /** What is followed, as text; a change closes the stream and opens another. Empty text follows nothing. */
  readonly key: () => string
  readonly open: (key: string, signal: AbortSignal) => AsyncIterable<T>
  /** Called when what is followed changes, before its first item. */
  readonly onStart: () => void
  /** @param fresh for the first item after every opening */
  readonly onItem: (item: T, fresh: boolean) => void
  readonly onError: (error: unknown) => void
}

/** Follows a stream for the life of the calling component, again after a lost connection. */
export function useFollow<T>({ key, open, onStart, onItem, onError }: UseFollow<T>): void {
  const connection = useConnection()
  let stop = new AbortController()
  watch(
    key,
    text => {
      stop.abort()
      stop = new AbortController()
      const { signal } = stop
      onStart()
      if (text === '') return
      void follow({
        open: inner => open(text, inner),
        onItem,
        signal,
        opened: () => connection.opened(),
        onError
      })
    },
    { immediate: true }
  )
  onScopeDispose(() => stop.abort())
}
