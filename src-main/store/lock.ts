import Database from 'better-sqlite3'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { UserError } from '../base/errors.ts'
import type { Home } from './home.ts'
import { storeError } from './sql.ts'

export interface StoreLock {
  release(): void
}

/**
 * Takes the home folder's lock: an open exclusive transaction on a database of its own. The system frees it when the
 * process ends, however it ends, so no dead process leaves a lock behind; the pid beside it is only for the message.
 * @throws UserError('store-locked') with the holder's pid
 */
export function lockHome(home: Home): StoreLock {
  const database = new Database(home.lock, { timeout: 0 })
  try {
    database.pragma('journal_mode = DELETE')
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    throw lockedError(home, error)
  }
  writeFileSync(home.lockHolder, String(process.pid))
  return {
    release() {
      if (!database.open) return
      rmSync(home.lockHolder, { force: true })
      database.exec('ROLLBACK')
      database.close()
    }
  }
}

function lockedError(home: Home, error: unknown): unknown {
  const mapped = storeError(error)
  if (!(mapped instanceof UserError) || mapped.code !== 'store-locked') return mapped
  const pid = lockHolder(home)
  const who = pid === null ? 'another process' : `process ${pid}`
  return new UserError(
    'store-locked',
    `${home.root} is in use by ${who}; close it, or choose another folder with --home`,
    {
      pid,
      home: home.root
    }
  )
}

/** Process id of whoever took the lock last; null when nobody holds it or it is not known. */
function lockHolder(home: Home): number | null {
  try {
    const pid = Number(readFileSync(home.lockHolder, 'utf8'))
    return Number.isInteger(pid) && pid > 0 ? pid : null
  } catch {
    // The holder has not written it yet, or has just left: the lock itself decides, not this file.
    return null
  }
}
