import { useToast } from '@nuxt/ui/composables'
import { sentenceOf } from './sentence.ts'

export interface Notify {
  /** Shows what went wrong; the host's sentences are shown as they are. */
  readonly error: (error: unknown) => void
  /** Says in a few words that something was done. */
  readonly done: (text: string, detail?: string) => void
  /** Runs it and shows its error; settles with undefined then. */
  readonly attempt: <T>(task: () => Promise<T>) => Promise<T | undefined>
}

/** Short messages at the edge of the page. Errors stay until they are closed. */
export function useNotify(): Notify {
  const toast = useToast()
  const error = (cause: unknown): void => {
    const text = sentenceOf(cause)
    if (text === null) return
    toast.add({
      id: text,
      title: 'That did not work',
      description: text,
      color: 'error',
      icon: 'i-lucide-circle-alert',
      duration: 0
    })
  }
  return {
    error,
    done: (text, detail) =>
      void toast.add({
        title: text,
        ...(detail === undefined ? {} : { description: detail }),
        color: 'success',
        icon: 'i-lucide-check',
        duration: 4000
      }),
    attempt: task => task().catch((cause: unknown) => void error(cause))
  }
}
