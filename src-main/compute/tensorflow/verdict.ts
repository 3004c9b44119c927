import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../../base/files.ts'
import { libraryPaths, tensorflowFolder } from './location.ts'

const schema = z.object({
  format: z.literal(1),
  /** What it was found for: the files as they were. */
  key: z.string(),
  /** Why the engine does not serve, in one sentence; null when it does. */
  reason: z.string().nullable(),
  /** True when training runs on a GPU. */
  gpu: z.boolean()
})
/** What trying an installed engine found out. */
export type Verdict = z.infer<typeof schema>

const file = (): string => join(tensorflowFolder(), 'probe.json')

/** Sizes and times of the installed files: others ask for another trial. */
export function verdictKey(): string {
  const marks = libraryPaths().map(path => {
    const { size, mtimeMs } = statSync(path)
    return `${size} ${Math.round(mtimeMs)}`
  })
  return `${process.versions.modules}: ${marks.join(', ')}`
}

/** What is known of the installed files; null before they were tried. */
export function readVerdict(): Verdict | null {
  try {
    const verdict = schema.parse(JSON.parse(readFileSync(file(), 'utf8')))
    return verdict.key === verdictKey() ? verdict : null
  } catch {
    return null // No file, or one that no longer reads: the engine is tried again.
  }
}

/** Keeps a verdict beside the engine. @throws UserError('disk-full' | 'io-error') */
export async function writeVerdict(verdict: Verdict): Promise<void> {
  await writeFileAtomic(file(), `${JSON.stringify(verdict, null, 2)}\n`)
}
