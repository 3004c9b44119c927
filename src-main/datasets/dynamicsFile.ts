import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DynamicsCheck, dynamicsCheck } from '../../src-preload/contract/datasets.ts'
import { writeFileAtomic } from '../base/files.ts'

/** The check's result beside a dataset; it can be made again, so it is no part of the dataset's content. */
export const dynamicsFile = 'dynamics.json'

/** The stored check; null when there is none, or one that this version does not understand. */
export async function readDynamics(folder: string): Promise<DynamicsCheck | null> {
  const text = await readFile(join(folder, dynamicsFile), 'utf8').catch((error: unknown) => {
    if ((error as { code?: string }).code === 'ENOENT') return null
    throw error
  })
  if (text === null) return null
  try {
    return dynamicsCheck.parse(JSON.parse(text))
  } catch {
    // a result of another version: it is made again, not repaired
    return null
  }
}

/** Replaces the stored check. @throws UserError('disk-full' | 'io-error') */
export async function writeDynamics(folder: string, check: DynamicsCheck): Promise<void> {
  await writeFileAtomic(join(folder, dynamicsFile), JSON.stringify(check) + '\n')
}
