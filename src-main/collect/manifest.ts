/** What stays of a behaviour beside its checkpoints: `behaviour.json` in its folder. */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { behaviourInfo, stretch } from '../../src-preload/contract/collect.ts'
import type { Stretch } from '../../src-preload/contract/collect.ts'
import { writeFileAtomic } from '../base/files.ts'
import { damaged } from './damage.ts'

const schema = behaviourInfo
  .pick({
    id: true,
    environmentId: true,
    learner: true,
    seed: true,
    steps: true,
    createdAt: true,
    reason: true
  })
  .extend({
    formatVersion: z.literal(1),
    finished: z.boolean(),
    /** Whether a person ended it before its time; absent in files of versions that did not tell. */
    stopped: z.boolean().optional(),
    /** By what it was trained, in order; absent in files of versions that did not tell. */
    stretches: z.array(stretch).optional()
  })
export type Manifest = z.infer<typeof schema>

export const manifestName = 'behaviour.json'

/**
 * The manifest in a behaviour's folder, or null where there is none.
 * @throws UserError('checkpoint-corrupt') with one sentence when it is not whole, not ours, or of another folder
 */
export async function readManifest(folder: string): Promise<Manifest | null> {
  const text = await readFile(join(folder, manifestName), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    throw unusable(folder, `it cannot be read (${error.code})`)
  })
  return text === null ? null : parsed(folder, text)
}

const unusable = (folder: string, what: string) =>
  damaged(
    folder,
    manifestName,
    what,
    `put the whole file back, or delete the folder ${basename(folder)} and train again`
  )

function parsed(folder: string, text: string): Manifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw unusable(folder, text.trim() === '' ? 'it is empty' : 'it is cut off or no JSON')
  }
  const { success, data, error } = schema.safeParse(value)
  if (!success) {
    const at = error.issues[0].path.join('.')
    throw unusable(
      folder,
      at === '' ? 'it describes no behaviour' : `its "${at}" is missing or of another kind`
    )
  }
  if (data.id !== basename(folder))
    throw unusable(folder, `it describes ${data.id}, which is another folder's`)
  return data
}

/** Writes the manifest, whole or not at all. */
export async function writeManifest(folder: string, value: Manifest): Promise<void> {
  await writeFileAtomic(join(folder, manifestName), Buffer.from(JSON.stringify(value, null, 2) + '\n'))
}

/** Stretches with another that begins where a training goes on: what lay beyond is gone, and equal neighbours are one. */
export function withStretch(known: readonly Stretch[], next: Stretch): Stretch[] {
  const before = known.filter(({ from }) => from < next.from)
  const same = JSON.stringify(before.at(-1)?.engine) === JSON.stringify(next.engine)
  return same ? before : [...before, next]
}

/**
 * How a training that does not run ended, or that nobody wrote down how.
 * @param reachedEnd whether its last checkpoint is the last there can be: the app may end before that is written down
 */
export function endOf(
  { finished, stopped, reason }: Manifest,
  reachedEnd: boolean
): 'finished' | 'stopped' | 'failed' | 'interrupted' {
  if (finished || (reachedEnd && reason === null)) return 'finished'
  if (reason !== null) return 'failed'
  return stopped === false ? 'interrupted' : 'stopped'
}
