/**
 * Locks that are held by a process and end with it: a file that names the process and when it started, so that neither a dead
 * holder nor another process with its number keeps anybody out.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { now } from './clock.ts'

interface Holder {
  readonly pid: number
  /** Null where the system does not tell. */
  readonly started: string | null
}

/**
 * Takes a lock, unless a living process holds it.
 * @returns null when it is taken, else the process id of the holder; 0 while the holder is still writing its name
 */
export function takeLock(path: string): number | null {
  const own: Holder = { pid: process.pid, started: startOf(process.pid) }
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(own), { flag: 'wx' })
      return null
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') {
        rmSync(path, { force: true }) // On a full disk it is there and empty.
        throw error
      }
    }
    const holder = readHolder(path)
    if (holder === 'unreadable' && !isForgotten(path)) return 0
    if (holder === 'unreadable') {
      rmSync(path, { force: true })
      continue
    }
    if (holder !== null && lives(holder)) return holder.pid
    rmSync(path, { force: true })
  }
}

/** How long a holder may take to write its name; one that was killed meanwhile leaves a lock without one. */
const msToWriteName = 10_000

function isForgotten(path: string): boolean {
  const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs
  return written === undefined || now() - written > msToWriteName
}

/** Frees a lock that this process holds. */
export function freeLock(path: string): void {
  const holder = readHolder(path)
  if (holder !== null && holder !== 'unreadable' && holder.pid === process.pid) rmSync(path, { force: true })
}

/** True while a living process holds the lock. */
export function isLocked(path: string): boolean {
  const holder = readHolder(path)
  return holder === 'unreadable' || (holder !== null && lives(holder))
}

function readHolder(path: string): Holder | 'unreadable' | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder
  } catch (error) {
    return (error as { code?: string }).code === 'ENOENT' ? null : 'unreadable'
  }
}

function lives({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
  const now = startOf(pid)
  return now === 'ended' ? false : now === null || started === null || now === started
}

/** When a process started, in the system's own words; `ended` for one that is only waiting to be buried. */
function startOf(pid: number): string | null {
  try {
    if (process.platform === 'linux') return linuxStart(pid)
    if (process.platform === 'win32') return null
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return null // It has just ended, or the system hides it: the process id alone decides.
  }
}

/** The process's start in ticks since boot, with the boot's id: fields 3 and 22 of proc(5)'s `stat`. */
function linuxStart(pid: number): string {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return 'ended'
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`
}
