import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  checkpointName,
  readBehaviours,
  readSummary,
  writeBehaviour
} from '../../../src-main/collect/checkpointFiles.ts'
import { InventoryReader } from '../../../src-main/collect/inventory.ts'
import { readManifest, writeManifest } from '../../../src-main/collect/manifest.ts'
import { initPpo } from '../../../src-main/collect/ppo/networks.ts'

let root: string
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'stitchwork-inventory-')), 'behaviours')
})
afterEach(() => rmSync(join(root, '..'), { recursive: true, force: true }))

const state = initPpo({ observationSize: 2, actionSize: 1, hiddenSizes: [4] }, 0)
const actor = Object.fromEntries(Object.entries(state).filter(([name]) => name.startsWith('actor/')))

/** A finished behaviour with a checkpoint at each of some steps; returns its folder. */
async function shelve(seed: number, ...steps: number[]): Promise<string> {
  const id = `pendulum-ppo-seed${seed}`
  const folder = join(root, id)
  mkdirSync(folder, { recursive: true })
  const owner = { environmentId: 'pendulum', learner: 'ppo' as const, seed }
  await writeManifest(folder, {
    ...{ formatVersion: 1, id, ...owner, steps: 4000, createdAt: seed, reason: null },
    ...{ finished: true, stopped: false }
  })
  for (const at of steps) await checkpoint(folder, seed, at)
  return folder
}

function checkpoint(folder: string, seed: number, steps: number): Promise<void> {
  const scale = { mean: new Float32Array(2), deviation: new Float32Array(2).fill(1) }
  return writeBehaviour(folder, {
    ...{ environmentId: 'pendulum', learner: 'ppo', seed, steps, returns: [steps], scale, actor }
  })
}

describe('the inventory of behaviours', () => {
  const whole = '{"formatVersion":1,"id":"pendulum-ppo-seed1","environmentId":"pendulum","learner":"ppo"'
  it.each([
    ['half-written', whole, 'it is cut off or no JSON'],
    ['empty', '', 'it is empty'],
    ['foreign', '{"name":"my robot"}', 'its "id" is missing or of another kind'],
    ['a list', '[]', 'it describes no behaviour'],
    [
      'of another folder',
      whole.replace('seed1', 'seed9') + ',"seed":9,"steps":1,"createdAt":1,"reason":null,"finished":true}',
      "it describes pendulum-ppo-seed9, which is another folder's"
    ]
  ])('shows a manifest that is %s as damaged, and all others', async (_, text, what) => {
    const folder = await shelve(1, 1000)
    await shelve(2, 1000)
    writeFileSync(join(folder, 'behaviour.json'), text)
    const { behaviours, damaged } = await new InventoryReader(root).all()
    expect(behaviours.map(({ id }) => id)).toEqual(['pendulum-ppo-seed2'])
    expect(damaged).toEqual([
      {
        name: 'pendulum-ppo-seed1',
        problem: `behaviours/pendulum-ppo-seed1/behaviour.json cannot be used: ${what}; put the whole file back, or delete the folder pendulum-ppo-seed1 and train again`
      }
    ])
  })

  it('shows checkpoints without a manifest, and passes over what is none of its own', async () => {
    rmSync(join(await shelve(1, 1000), 'behaviour.json'))
    mkdirSync(join(root, 'empty'))
    writeFileSync(join(root, '.notes'), 'a file')
    const { behaviours, damaged } = await new InventoryReader(root).all()
    expect(behaviours).toEqual([])
    expect(damaged.map(({ name }) => name)).toEqual(['pendulum-ppo-seed1'])
    expect(damaged[0].problem).toContain(
      'behaviour.json cannot be used: it is missing beside its checkpoints'
    )
  })

  it.each([
    [
      'cut off',
      (bytes: Buffer) => bytes.subarray(0, bytes.length - 40),
      /it is damaged, tensor .* does not fit/
    ],
    ['no safetensors file', () => Buffer.from('hello, this is text'), /it is damaged, the header claims/],
    ['empty', () => Buffer.alloc(0), /it is damaged, the file has 0 bytes/]
  ])('keeps the checkpoints beside one that is %s, and makes no data of them', async (_, spoil, what) => {
    const folder = await shelve(1, 1000, 2000)
    const file = join(folder, checkpointName(2000))
    writeFileSync(file, spoil(readFileSync(file)))
    const [info] = (await new InventoryReader(root).all()).behaviours
    expect(info.checkpoints.map(({ steps }) => steps)).toEqual([1000])
    expect(info.problem).toMatch(
      /^behaviours\/pendulum-ppo-seed1\/checkpoint-000002000.safetensors cannot be used: /
    )
    expect(info.problem).toMatch(what)
    expect(info.problem).toMatch(/; delete this file, or remove the behaviour and train it again$/)
    await expect(readBehaviours(folder)).rejects.toThrow(info.problem!)
  })

  it('tells a checkpoint of another behaviour', async () => {
    const folder = await shelve(1, 1000)
    await checkpoint(folder, 7, 2000)
    const [info] = (await new InventoryReader(root).all()).behaviours
    expect(info).toMatchObject({
      lived: 1000,
      problem: expect.stringContaining('it is of pendulum, PPO, seed 7;')
    })
  })

  it('leaves out temporary files of a writer that was killed', async () => {
    const folder = await shelve(1, 1000)
    writeFileSync(join(folder, `${checkpointName(2000)}.tmp-1-1`), 'half')
    const [info] = (await new InventoryReader(root).all()).behaviours
    expect(info).toMatchObject({ lived: 1000, problem: null })
  })

  it.each([
    ['whose app ended before that was written down', {}],
    ['that was asked to stop in its last moment', { stopped: true }]
  ])('calls a training finished %s', async (_, end) => {
    const folder = await shelve(1, 2000, 4000)
    const known = (await readManifest(folder))!
    await writeManifest(folder, { ...known, finished: false, ...end })
    expect((await new InventoryReader(root).all()).behaviours[0].ended).toBe('finished')
    await writeManifest(folder, { ...known, finished: false, ...end, steps: 4001 })
    expect((await new InventoryReader(root).all()).behaviours[0].ended).not.toBe('finished')
  })

  it('reads again only what has changed', async () => {
    const read: string[] = []
    const inventory = new InventoryReader(root, (folder, name) => {
      read.push(`${folder.at(-1)} ${name.slice(11, 20)}`)
      return readSummary(folder, name)
    })
    const folder = await shelve(1, 1000, 2000)
    await shelve(2, 1000)
    await inventory.all()
    expect(read.sort()).toEqual(['1 000001000', '1 000002000', '2 000001000'])
    await checkpoint(folder, 1, 3000)
    appendFileSync(join(folder, checkpointName(1000)), 'more')
    await inventory.all()
    await inventory.all()
    expect(read.slice(3).sort()).toEqual(['1 000001000', '1 000003000'])
  })
})
