import { Worker } from 'node:worker_threads'

/** Looks at the counter from a thread of its own, which an endless loop elsewhere does not hold up. Plain JavaScript: it is not compiled. */
const watching = `
const { workerData: { shared, silentMs } } = require('node:worker_threads')
const state = new Int32Array(shared)
const every = Math.max(10, Math.min(1000, silentMs / 4))
let last = Atomics.load(state, 0)
let silent = 0
setInterval(() => {
  const count = Atomics.load(state, 0)
  silent = Atomics.load(state, 1) === 1 && count === last ? silent + every : 0
  last = count
  if (silent >= silentMs) process.kill(process.pid, 'SIGKILL')
}, every)
`

/** A thread that kills this process when it is watched and gives no sign of life, even if nobody else is left to do it. */
export interface Watchdog {
  /** A sign of life; costs next to nothing. */
  alive(): void
  /** Watches from now on, or no longer. */
  watch(on: boolean): void
}

/** Starts the thread. It counts ticks of a timer, so time asleep does not count as silence. */
export function startWatchdog(silentSeconds: number): Watchdog {
  const shared = new SharedArrayBuffer(8)
  const state = new Int32Array(shared)
  const worker = new Worker(watching, { eval: true, workerData: { shared, silentMs: 1000 * silentSeconds } })
  worker.unref()
  return {
    alive: () => void Atomics.add(state, 0, 1),
    watch: on => void Atomics.store(state, 1, on ? 1 : 0)
  }
}
