import { rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BehaviourChanges } from '../../../src-preload/contract/collect.ts'
import { readManifest, writeManifest } from '../../../src-main/collect/manifest.ts'
import type { Manifest } from '../../../src-main/collect/manifest.ts'
import { apiFixture, take } from './support.ts'

const idOf = (seed: number): string => `pendulum-ppo-seed${seed}`

/** A fixture whose home has behaviours of some seeds, with a function that changes one and says so. */
async function shelf(...seeds: readonly number[]) {
  const fixture = apiFixture()
  const root = fixture.store.home.behaviours
  for (const seed of seeds) {
    const folder = join(root, idOf(seed))
    await mkdir(folder, { recursive: true })
    await writeManifest(folder, {
      ...{ formatVersion: 1, id: idOf(seed), environmentId: 'pendulum', learner: 'ppo', seed, steps: 4096 },
      ...{ createdAt: seed, reason: null, finished: true, stopped: false }
    })
  }
  const announce = (seed: number): void => fixture.changes.publish('behaviours', [idOf(seed)])
  const change = async (seed: number, how: Partial<Manifest>): Promise<void> => {
    const folder = join(root, idOf(seed))
    await writeManifest(folder, { ...(await readManifest(folder))!, ...how })
    announce(seed)
  }
  return { ...fixture, root, announce, change }
}

describe('behaviours', () => {
  it('are followed: all of them first, then only what changes, is damaged and is removed', async () => {
    const { client, root, change, announce } = await shelf(1, 2, 3)
    const steps = [
      () => change(2, { reason: 'no engine', finished: false }),
      () => announce(2),
      async () => {
        await writeFile(join(root, idOf(1), 'behaviour.json'), '')
        announce(1)
      },
      () => {
        rmSync(join(root, idOf(3)), { recursive: true })
        announce(3)
      }
    ]
    const [first, ...rest] = await take(client.collect.follow({}), items => {
      void steps[items.length - 1]?.()
      return items.length > steps.length
    })
    expect(first.changed.map(({ seed }) => seed)).toEqual([3, 2, 1])
    const nothing: BehaviourChanges = { changed: [], progressed: [], damaged: [], removed: [] }
    expect(rest).toEqual([
      { ...nothing, changed: [{ ...first.changed[1], state: 'failed', reason: 'no engine' }] },
      // What did not change but for how far it is, is not told again.
      { ...nothing, progressed: [{ id: idOf(2), lived: 0, progress: null }] },
      { ...nothing, damaged: [{ name: idOf(1), problem: expect.stringContaining('it is empty') as string }] },
      { ...nothing, removed: [idOf(3)] }
    ])
  })

  it('are listed by offset, and told one by one', async () => {
    const { client, root } = await shelf(1, 2)
    await mkdir(join(root, idOf(3)))
    await writeFile(join(root, idOf(3), 'behaviour.json'), '{')
    const { behaviours, damaged } = await client.collect.list({})
    expect([behaviours.map(({ seed }) => seed), damaged.length]).toEqual([[2, 1], 1])
    expect(await client.collect.list({ offset: 1 })).toEqual({ behaviours: behaviours.slice(1), damaged: [] })
    expect(await client.collect.list({ offset: 2 })).toEqual({ behaviours: [], damaged: [] })
    expect(await client.collect.get({ id: idOf(1) })).toEqual(behaviours[1])
    await expect(client.collect.get({ id: idOf(3) })).rejects.toMatchObject({ code: 'checkpoint-corrupt' })
    await expect(client.collect.get({ id: idOf(4) })).rejects.toThrow(`there is no behaviour "${idOf(4)}"`)
  })
})
