import type { Notify } from '../../ui/notify.ts'

/** Whether an error says that the files of a dataset are gone or damaged; the page then tells it in place of its views. */
export function concernsFiles(error: unknown): boolean {
  const { code, details } = error as { code?: string; details?: Readonly<Record<string, unknown>> }
  return code === 'dataset-corrupt' || (code === 'not-found' && details?.folder !== undefined)
}

/**
 * Runs a question about a dataset and settles with undefined where it fails: what concerns its files goes to the page, once,
 * anything else becomes a message.
 */
export async function attemptReading<T>(
  task: () => Promise<T>,
  notify: Pick<Notify, 'error'>,
  unreadable: (error: unknown) => void
): Promise<T | undefined> {
  try {
    return await task()
  } catch (error) {
    if (concernsFiles(error)) unreadable(error)
    else notify.error(error)
    return undefined
  }
}
