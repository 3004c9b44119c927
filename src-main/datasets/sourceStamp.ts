/** Notices that what a person picked was replaced, written on or taken away between two looks at it. */
import { type Dirent } from 'node:fs'
import { lstat, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../base/errors.ts'
import { visibleLine } from '../base/visible.ts'

/** Files of a folder that are looked at; datasets of more episode folders than these are known by the first. */
const mostFiles = 5000

/** Size and time of change of a file, or of every file of a dataset's folder. A `metadata.json` stands for its folder. */
export async function stampOf(path: string): Promise<string> {
  const place = basename(path) === 'metadata.json' ? dirname(path) : path
  const found = await stat(place).catch(() => null)
  if (found === null) return 'absent'
  if (!found.isDirectory()) return `${found.ino} ${found.size} ${found.mtimeMs}`
  const parts: string[] = []
  for await (const file of filesIn(place)) {
    const { ino, size, mtimeMs } = await lstat(file).catch(() => ({ ino: 0, size: 0, mtimeMs: 0 }))
    if (parts.push(`${file} ${ino} ${size} ${mtimeMs}`) === mostFiles) break
  }
  return parts.join('\n')
}

/** Files below a folder, in the order of their names; links are not followed. */
async function* filesIn(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => [])
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesIn(path)
    else yield path
  }
}

/** @throws UserError('conflict') where a source has another stamp than before */
export async function requireUnchanged(path: string, stamp: string, when: string): Promise<void> {
  if ((await stampOf(path)) !== stamp)
    throw new UserError('conflict', `${visibleLine(basename(path))} has changed ${when}; choose it again`)
}
