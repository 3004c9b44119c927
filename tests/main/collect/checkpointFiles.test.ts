import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { encodeSafetensors } from '../../../src-main/base/safetensors.ts'
import { readBehaviours, writeBehaviour } from '../../../src-main/collect/checkpointFiles.ts'
import { readLived, writeLived } from '../../../src-main/collect/livedFiles.ts'
import { initPpo } from '../../../src-main/collect/ppo/networks.ts'

const folder = mkdtempSync(join(tmpdir(), 'stitchwork-behaviour-'))
afterEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name))
})

async function all(place: string) {
  const episodes = []
  for await (const episode of readLived(place)) episodes.push(episode)
  return episodes
}

const state = initPpo({ observationSize: 2, actionSize: 1, hiddenSizes: [4] }, 0)
const actor = Object.fromEntries(Object.entries(state).filter(([name]) => name.startsWith('actor/')))
const behaviour = (steps: number) => ({
  ...{ environmentId: 'pendulum', learner: 'ppo' as const, seed: 3, steps, returns: [1, 2.5], actor },
  scale: { mean: Float32Array.from([1, 2]), deviation: Float32Array.from([3, 4]) }
})

describe('the files of a behaviour', () => {
  it('give back its checkpoints by steps', async () => {
    await writeBehaviour(folder, behaviour(2000))
    await writeBehaviour(folder, behaviour(1000))
    expect(await readBehaviours(folder)).toEqual([behaviour(1000), behaviour(2000)])
  })

  it('give back what was lived, with and without robots', async () => {
    const episode = (length: number, robot: boolean) => ({
      ...{
        length,
        return: length / 2,
        endReason: length > 2 ? ('truncated' as const) : ('terminated' as const)
      },
      observations: Float32Array.from({ length: (length + 1) * 2 }, (_, i) => i + length),
      actions: Float32Array.from({ length }, (_, i) => -i),
      rewards: new Float32Array(length).fill(0.5),
      positions: robot ? Float32Array.from({ length: (length + 1) * 3 }, (_, i) => i) : null,
      velocities: robot ? new Float32Array((length + 1) * 3).fill(length) : null
    })
    for (const robot of [true, false]) {
      const episodes = [episode(2, robot), episode(3, robot), episode(4, robot)]
      await writeLived(folder, 1000, episodes.slice(0, 2))
      await writeLived(folder, 2000, [])
      await writeLived(folder, 3000, episodes.slice(2))
      expect(await all(folder)).toEqual(episodes)
    }
  })

  it('say what is missing and what is damaged', async () => {
    await expect(all(folder)).rejects.toThrow('nothing of what this behaviour lived through was kept')
    await writeLived(folder, 1000, [])
    expect(readdirSync(folder)).toEqual([])
    writeFileSync(join(folder, 'lived-000001000.safetensors'), 'half')
    await expect(all(folder)).rejects.toThrow(
      /lived-000001000\.safetensors cannot be used: .* the medium-replay tier needs it/
    )
    writeFileSync(join(folder, 'lived-000001000.safetensors'), Buffer.concat(encodeSafetensors({}, {})))
    await expect(all(folder)).rejects.toThrow('it holds no episodes (no "observations" in it)')
  })
})
