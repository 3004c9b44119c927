import { Worker } from 'node:worker_threads'

/** Looks for the parent from a thread of its own, which a call that hangs does not hold up. Plain JavaScript: it is not compiled. */
const watching = `
const { workerData: { parent, graceMs } } = require('node:worker_threads')
const everyMs = Math.min(1000, graceMs / 4)
function isGone() {
  if (process.ppid !== parent) return true
  try {
    process.kill(parent, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}
let aloneMs = 0
setInterval(() => {
  aloneMs = isGone() ? aloneMs + everyMs : 0
  if (aloneMs >= graceMs) process.kill(process.pid, 'SIGKILL')
}, everyMs)
`

/**
 * Ends this process some time after its parent, even while native code holds its event loop: a training call that hangs would
 * otherwise outlive the app, and keep its cores and the run's folder.
 * @param graceMs for a last checkpoint
 */
export function endWithParent(graceMs: number): void {
  const worker = new Worker(watching, { eval: true, workerData: { parent: process.ppid, graceMs } })
  worker.on('error', () => undefined) // Without the thread (memory is short) training goes on, only unwatched.
  worker.unref()
}
