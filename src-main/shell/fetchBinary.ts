import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface FetchOptions {
  /** The package's own installer. */
  readonly installer: string
  /** Called a few times a second with the bytes received so far. */
  readonly progress: (bytes: number) => void
  /** Aborts the fetch. */
  readonly signal: AbortSignal
  /** How long the first byte may take. */
  readonly connectTimeoutMs?: number
  /** How long the bytes may stand still after that. */
  readonly stallTimeoutMs?: number
}

/** How a fetch ended: null when the binary is there, else why not, in a few words. */
export type FetchResult = string | null

const pollMs = 200

/**
 * Runs Electron's installer. It tells nobody how far it is, so its temporary folder is put in a place of ours, and
 * the size of what lies there is the progress, and the sign that a connection exists.
 */
export function fetchBinary(options: FetchOptions): Promise<FetchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'stitchwork-electron-'))
  const child = spawn(process.execPath, [options.installer], {
    env: { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder, ELECTRON_GET_NO_PROGRESS: '1' },
    stdio: ['ignore', 'ignore', 'pipe']
  })
  let errors = ''
  child.stderr.on('data', (data: Buffer) => (errors = (errors + data.toString()).slice(-4000)))
  const watch = watchDownload(folder, join(dirname(options.installer), 'dist'), options)
  const stop = () => child.kill('SIGKILL')
  options.signal.addEventListener('abort', stop)
  const timer = setInterval(() => {
    if (watch.poll() !== null) stop()
  }, pollMs)
  return new Promise(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('close', code =>
      resolve(options.signal.aborted ? 'cancelled' : code === 0 ? null : (watch.problem ?? lastLine(errors)))
    )
  }).then(result => {
    clearInterval(timer)
    options.signal.removeEventListener('abort', stop)
    rmSync(folder, { recursive: true, force: true })
    return result as FetchResult
  })
}

/** Looks at the installer's folders and says when it takes too long to begin or to go on. */
function watchDownload(folder: string, dist: string, options: FetchOptions) {
  const connectMs = options.connectTimeoutMs ?? 20_000
  const stallMs = options.stallTimeoutMs ?? 60_000
  let bytes = 0
  let quietMs = 0
  const watch = {
    problem: null as string | null,
    poll(): string | null {
      const now = sizeOf(folder)
      quietMs = now === bytes ? quietMs + pollMs : 0
      bytes = Math.max(bytes, now)
      options.progress(bytes)
      const unpacking = existsSync(dist)
      if (bytes === 0 && !unpacking && quietMs >= connectMs)
        watch.problem = `no connection within ${connectMs / 1000} s`
      else if (bytes > 0 && !unpacking && quietMs >= stallMs)
        watch.problem = `nothing received for ${stallMs / 1000} s`
      return watch.problem
    }
  }
  return watch
}

function sizeOf(folder: string): number {
  try {
    return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
      const path = join(folder, entry.name)
      return sum + (entry.isDirectory() ? sizeOf(path) : statSync(path).size)
    }, 0)
  } catch {
    return 0 // the installer has just moved it away
  }
}

/** The line of an error's text that says what happened: the first that is not a stack frame. */
function lastLine(text: string): string {
  const line = text
    .split('\n')
    .find(candidate => /error/i.test(candidate) && !candidate.trim().startsWith('at '))
  return line?.trim() ?? 'the installer failed'
}
