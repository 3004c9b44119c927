import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import { trainSmall } from './training.ts'

const root = mkdtempSync(join(tmpdir(), 'stitchwork-resume-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** All files of a folder, as text that can be compared. */
const bytesOf = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map(name => [name, readFileSync(join(folder, name), 'base64')]))

const names = (folder: string) => readdirSync(folder).filter(name => name.startsWith('checkpoint-'))

/** Trains in a process that is killed without a warning at its n-th checkpoint. */
function killedAt(folder: string, learner: string, count: number): Promise<void> {
  const host = nodeProcessHost(() => join(import.meta.dirname, 'training.ts'))
  const child = host.start('collector', {
    environment: { SMALL_TRAINING: JSON.stringify({ folder, learner }) }
  })
  let seen = 0
  child.onMessage(() => {
    if (++seen === count) child.kill()
  })
  return new Promise(resolve => child.onExit(() => resolve()))
}

describe.each(['ppo', 'ars', 'sac'] as const)('a training by %s that goes on', learner => {
  const whole = join(root, `${learner}-whole`)
  beforeAll(() => trainSmall({ learner, folder: whole }))

  it('after it was killed has the bytes of one that was not', async () => {
    const folder = join(root, `${learner}-killed`)
    await killedAt(folder, learner, 2)
    expect(readdirSync(folder)).toContain('training.safetensors')
    await trainSmall({ learner, folder, resume: true })
    expect(bytesOf(folder)).toEqual(bytesOf(whole))
  })

  it('after it was stopped between checkpoints has the same checkpoints', async () => {
    const folder = join(root, `${learner}-stopped`)
    const stopping = new AbortController()
    const stop = (steps: number): void => (steps > 600 ? stopping.abort() : undefined)
    await trainSmall({ learner, folder, onCheckpoint: stop, signal: stopping.signal })
    const stopped = names(folder)
    await trainSmall({ learner, folder, resume: true })
    expect(stopped.length).toBeLessThan(names(whole).length)
    expect(names(folder)).toEqual(names(whole))
    for (const name of names(whole)) expect(bytesOf(folder)[name]).toBe(bytesOf(whole)[name])
  })

  it('after it was stopped before an episode had ended has the same checkpoints', async () => {
    const folder = join(root, `${learner}-at-once`)
    await trainSmall({ learner, folder, signal: AbortSignal.abort() })
    await trainSmall({ learner, folder, resume: true })
    expect(names(folder)).toEqual(names(whole))
    for (const name of names(whole)) expect(bytesOf(folder)[name]).toBe(bytesOf(whole)[name])
  })

  it('is over when it has reached its end', async () => {
    expect(readdirSync(whole)).not.toContain('training.safetensors')
    await expect(trainSmall({ learner, folder: whole, resume: true })).rejects.toThrow(
      'this training cannot go on'
    )
  })
})
