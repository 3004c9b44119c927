import { basename, dirname, join } from 'node:path'
import { UserError } from '../base/errors.ts'

/** Says what is wrong with a file of a behaviour and what to do; its place is told from the home folder on. */
export function damaged(folder: string, file: string, what: string, next: string): UserError {
  const path = join(basename(dirname(folder)), basename(folder), file)
  return new UserError('checkpoint-corrupt', `${path} cannot be used: ${what}; ${next}`, { path })
}

/** What helps against a damaged checkpoint. */
export const withoutCheckpoint = 'delete this file, or remove the behaviour and train it again'
