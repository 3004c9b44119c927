import { fork, type ChildProcess, type Serializable } from 'node:child_process'
import { entryFile, runsFromSources } from './entries.ts'
import type { ChildHandle, ProcessHost } from './processHost.ts'

/**
 * Starts entries with `child_process.fork`: the process host of plain Node.
 * Messages use structured clone, so typed arrays and non-finite numbers survive. What a child prints goes to this
 * process's standard error: standard output belongs to the command line's results.
 * @param fileOf file of an entry; tests pass their own
 */
export function nodeProcessHost(fileOf: typeof entryFile = entryFile): ProcessHost {
  return {
    start(entry, options = {}) {
      const execArgv = runsFromSources ? ['--disable-warning=ExperimentalWarning'] : []
      if (options.maxHeapMb !== undefined) execArgv.push(`--max-old-space-size=${options.maxHeapMb}`)
      const child = fork(fileOf(entry), [], {
        execArgv,
        serialization: 'advanced',
        env: { ...process.env, ...options.environment },
        stdio: ['ignore', 2, 2, 'ipc']
      })
      return handleOf(child)
    }
  }
}

function handleOf(child: ChildProcess): ChildHandle {
  let ended: { code: number | null; signal: string | null } | null = null
  const listeners: ((code: number | null, signal: string | null) => void)[] = []
  const end = (code: number | null, signal: string | null) => {
    if (ended !== null) return
    ended = { code, signal }
    for (const listener of listeners.splice(0)) listener(code, signal)
  }
  child.once('exit', end)
  child.on('error', () => {
    if (child.exitCode === null && child.pid === undefined) end(null, null) // it never started, so 'exit' will not come
  })
  return {
    pid: child.pid,
    send: message => {
      // A child that is gone reports itself through 'exit'; a message to it has nobody to miss it.
      if (child.connected) child.send(message as Serializable, () => undefined)
    },
    onMessage: listener => void child.on('message', listener),
    onExit: listener => {
      if (ended === null) listeners.push(listener)
      else listener(ended.code, ended.signal)
    },
    kill: () => void child.kill('SIGKILL')
  }
}
