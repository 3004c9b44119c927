import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { InstalledEngine } from '../../src-preload/contract/engines.ts'

/** The file that makes an engine's folder an installed engine; written last. */
export const recordName = 'engine.json'

/** What `engine.json` says of an installed engine. */
export const engineRecord = z.object({
  format: z.literal(1),
  package: z.string(),
  version: z.string(),
  gpu: z.boolean(),
  /** Version of the JavaScript package whose binding was built. */
  binding: z.string(),
  compiler: z.string(),
  sizeBytes: z.number(),
  /** ISO 8601. */
  installedAt: z.string(),
  verified: z.boolean()
})
export type EngineRecord = z.infer<typeof engineRecord>

/** The installed TensorFlow engine of an engines folder; null when there is none that this version can read. */
export async function readInstalledEngine(folder: string): Promise<InstalledEngine | null> {
  const text = await readFile(join(folder, 'tensorflow', recordName), 'utf8').catch(() => null)
  if (text === null) return null
  try {
    const { version, gpu, sizeBytes, installedAt } = engineRecord.parse(JSON.parse(text))
    return { version, gpu, sizeBytes, installedAt: Date.parse(installedAt) }
  } catch {
    return null // Written by a newer version or damaged: an install replaces it.
  }
}
