import { fork, type ChildProcess, type Serializable } from 'node:child_process'
import { entryFile, runsFromSources } from './entries.ts'
import { withoutNoise } from './nodeProcessHostNoise.ts'
import { visible } from './visible.ts'
import type { ChildHandle, ProcessHost } from './processHost.ts'

/** How long the last words of an ended child may take: what it started itself may hold its standard error open. */
const lastWordsMs = 500

/**
 * Starts entries with `child_process.fork`: the process host of plain Node.
 * Messages use structured clone, so typed arrays and non-finite numbers survive. What a child prints goes to this
 * process's standard error, but for the noise of native libraries: standard output belongs to the command line's results.
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
        stdio: ['ignore', 2, 'pipe', 'ipc']
      })
      passOnErrors(child)
      return handleOf(child)
    }
  }
}

function passOnErrors({ stderr }: ChildProcess): void {
  const lines = withoutNoise(text => void process.stderr.write(visible(text)))
  stderr?.setEncoding('utf8').on('data', lines.take).once('close', lines.end)
}

function handleOf(child: ChildProcess): ChildHandle {
  let ended: { code: number | null; signal: string | null } | null = null
  const listeners: ((code: number | null, signal: string | null) => void)[] = []
  const end = (code: number | null, signal: string | null) => {
    if (ended !== null) return
    ended = { code, signal }
    for (const listener of listeners.splice(0)) listener(code, signal)
  }
  child.once('exit', (code, signal) => {
    // 'close' comes when standard error has been read to its end, so that a crash's words are there before the news of it.
    const timer = setTimeout(() => {
      child.stderr?.destroy()
      end(code, signal)
    }, lastWordsMs)
    child.once('close', () => {
      clearTimeout(timer)
      end(code, signal)
    })
  })
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
