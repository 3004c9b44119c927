/**
 * Threads of a run that starts now: the cores divided by the runs that will share them.
 * @param slots runs that may train side by side
 * @param load runs waiting or running, this one included
 */
export function threadsFor(cores: number, slots: number, load: number): number {
  return Math.max(1, Math.floor(cores / Math.max(1, Math.min(slots, load))))
}
