/**
 * A task that is asked for more often than it is worth doing: while it is under way, all who ask share one more run after it.
 * @param task must not throw
 */
export function oneAtATime(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null
  let again = false
  const loop = async (): Promise<void> => {
    do {
      again = false
      await task()
    } while (again)
    running = null
  }
  return () => {
    again = running !== null
    return (running ??= loop())
  }
}
