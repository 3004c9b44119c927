import { utilityProcess, type UtilityProcess } from 'electron'
import { entryFile } from '../base/entries.ts'
import type { ChildHandle, ProcessHost } from '../base/processHost.ts'

/** Starts entries as Electron utility processes: the process host of the desktop. */
export function utilityProcessHost(fileOf: typeof entryFile = entryFile): ProcessHost {
  return {
    start(entry, options = {}) {
      const child = utilityProcess.fork(fileOf(entry), [], {
        serviceName: `stitchwork ${entry}`,
        execArgv: options.maxHeapMb === undefined ? [] : [`--max-old-space-size=${options.maxHeapMb}`],
        env: { ...process.env, ...options.environment },
        stdio: 'inherit'
      })
      return handleOf(child)
    }
  }
}

function handleOf(child: UtilityProcess): ChildHandle {
  const state = { alive: true, killed: false, code: null as number | null }
  const listeners: ((code: number | null, signal: string | null) => void)[] = []
  const report = (listener: (code: number | null, signal: string | null) => void) =>
    listener(state.killed ? null : state.code, state.killed ? 'SIGKILL' : null)
  child.once('spawn', () => {
    if (state.killed) forceKill(child)
  })
  child.once('exit', code => {
    state.alive = false
    state.code = code
    // Electron crashes when a message is posted inside this event (electron#53923), so listeners run after it.
    setImmediate(() => {
      for (const listener of listeners.splice(0)) report(listener)
    })
  })
  return {
    get pid() {
      return child.pid
    },
    send: message => {
      if (state.alive) child.postMessage(message)
    },
    onMessage: listener => void child.on('message', listener),
    onExit: listener => {
      if (state.alive) listeners.push(listener)
      else report(listener)
    },
    kill: () => {
      if (!state.alive) return
      state.killed = true
      forceKill(child) // before 'spawn' there is no pid yet, and that event kills it
    }
  }
}

/** `UtilityProcess.kill` asks politely; a process inside native code would not hear it. */
function forceKill(child: UtilityProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(child.pid, 'SIGKILL')
  } catch {
    // it has just ended by itself
  }
}
