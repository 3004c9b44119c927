import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChildHandle, ProcessHost } from '../../../src-main/base/processHost.ts'
import { writeBehaviour } from '../../../src-main/collect/checkpointFiles.ts'
import { createBehaviourLibrary } from '../../../src-main/collect/library.ts'
import type { BehaviourLibrary } from '../../../src-main/collect/library.ts'
import type { BehaviourInfo } from '../../../src-preload/contract/collect.ts'
import { writeTraining } from '../../../src-main/collect/trainingFile.ts'
import type { TrainingHeader } from '../../../src-main/collect/trainingFile.ts'
import { initPpo } from '../../../src-main/collect/ppo/networks.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stitchwork-behaviours-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** A host whose one process says and does what a test wants. */
function fakeHost() {
  const sent: unknown[] = []
  let hear: (message: unknown) => void = () => undefined
  let exit: (code: number | null, signal: string | null) => void = () => undefined
  const handle = {
    pid: 1,
    send: (message: unknown) => sent.push(message),
    onMessage: (listener: (message: unknown) => void) => (hear = listener),
    onExit: (listener: typeof exit) => (exit = listener),
    kill: () => exit(null, 'SIGKILL')
  }
  const host = { start: () => handle as unknown as ChildHandle } as unknown as ProcessHost
  return { host, sent, say: (message: unknown) => hear(message), exit: () => exit(0, null) }
}

const request = { environmentId: 'pendulum', learner: 'ppo', steps: 4096, seed: 5 } as const
const id = 'pendulum-ppo-seed5'
const headerAt = (lived: number): TrainingHeader => ({
  ...{ learner: 'ppo', environmentId: 'pendulum', seed: 5, steps: 4096, checkpointEvery: 1024 },
  ...{ settings: '{}', lived, early: 'false' }
})

/** Called at every change of a library that `opened` gave. */
let onChange: () => void = () => undefined
const opened = (host: ProcessHost) => createBehaviourLibrary(host, root, () => onChange())

/** The only behaviour once it is as wanted; asks again at every change. */
async function until(library: BehaviourLibrary, isAsWanted: (info: BehaviourInfo) => boolean) {
  for (;;) {
    const change = new Promise<void>(resolve => (onChange = resolve))
    const [info] = (await library.list()).behaviours
    if (isAsWanted(info)) return info
    await change
  }
}

/** The only behaviour once it is no longer in training. */
const settled = (library: BehaviourLibrary) => until(library, ({ state }) => state !== 'training')

describe('the library of behaviours', () => {
  it('trains in a process of its own and shows its checkpoints', async () => {
    const { host, sent, say, exit } = fakeHost()
    const library = opened(host)
    expect(await library.train(request)).toMatchObject({ id, state: 'training', lived: 0, checkpoints: [] })
    const folder = join(root, id)
    expect(sent).toEqual([{ kind: 'train', ...request, folder, resume: false }])
    const state = initPpo({ observationSize: 3, actionSize: 1, hiddenSizes: [4] }, 0)
    const actor = Object.fromEntries(Object.entries(state).filter(([name]) => name.startsWith('actor/')))
    const scale = { mean: new Float32Array(3), deviation: new Float32Array(3).fill(1) }
    const behaviour = { environmentId: 'pendulum', learner: 'ppo', seed: 5, steps: 2048 } as const
    await writeBehaviour(folder, { ...behaviour, returns: [-900, -1100], scale, actor })
    say({ kind: 'checkpoint', steps: 2048 })
    const info = await until(library, ({ checkpoints }) => checkpoints.length > 0)
    expect(info).toMatchObject({ lived: 2048, hasReplay: false, progress: null })
    say({ kind: 'progress', lived: 3072, stepsPerSecond: 512, recentReturn: -800 })
    expect((await library.list()).behaviours[0]).toMatchObject({
      lived: 3072,
      progress: { stepsPerSecond: 512, secondsLeft: 2, recentReturn: -800 }
    })
    expect(info.checkpoints).toMatchObject([{ steps: 2048, meanReturn: -1000 }])
    say({ kind: 'finished', stopped: false })
    exit()
    expect(await settled(library)).toMatchObject({ state: 'finished', reason: null })
  })

  it.each([
    [{ kind: 'finished', stopped: true }, 'stopped', null],
    [
      { kind: 'failed', error: { code: 'internal', message: 'no engine', details: {} } },
      'failed',
      'no engine'
    ],
    [
      null,
      'failed',
      'its process ended without a word, as it does when memory runs out; let it go on from its last checkpoint, or remove it and train it again'
    ]
  ])('remembers how a training ended: %o', async (last, state, reason) => {
    const { host, say, exit } = fakeHost()
    const library = opened(host)
    await library.train(request)
    if (last !== null) say(last)
    exit()
    expect(await settled(library)).toMatchObject({ state, reason })
    expect(await settled(opened(host))).toMatchObject({ state, reason })
  })

  it('says which engine trained it from which step on', async () => {
    const { host, say, exit } = fakeHost()
    const library = opened(host)
    const engine = (version: string) => ({ id: 'onnx', version, threads: 1 })
    const stretches = [
      { from: 0, engine: engine('1.0') },
      { from: 1024, engine: engine('1.0') },
      { from: 3072, engine: engine('1.1') },
      { from: 2048, engine: engine('1.2') }
    ]
    for (const [index, stretch] of stretches.entries()) {
      if (index === 0) await library.train(request)
      else await library.resume(id)
      say({ kind: 'started', ...stretch })
      say({ kind: 'finished', stopped: true })
      exit()
      await settled(library)
      await writeTraining(join(root, id), { header: headerAt(2048), tensors: {} })
    }
    // A stretch by the same engine is no other, and the one from 3072 on was lost before it reached a checkpoint.
    expect((await opened(host).list()).behaviours[0].stretches).toEqual([stretches[0], stretches[3]])
  })

  it('keeps the returns while it learns for whoever looks later, also over a stop', async () => {
    const { host, say, exit } = fakeHost()
    const library = opened(host)
    await library.train(request)
    const tell = (lived: number, recentReturn: number | null) =>
      say({ kind: 'progress', lived, stepsPerSecond: 1, recentReturn })
    tell(100, null)
    tell(200, -900)
    tell(300, -800)
    expect(await library.look(id)).toMatchObject({
      watched: [
        [200, -900],
        [300, -800]
      ]
    })
    say({ kind: 'finished', stopped: true })
    exit()
    expect(await settled(library)).toMatchObject({ watched: [] })
    await writeTraining(join(root, id), { header: headerAt(200), tensors: {} })
    await library.resume(id)
    tell(250, -700)
    expect(await library.look(id)).toMatchObject({
      watched: [
        [200, -900],
        [250, -700]
      ]
    })
  })

  it('calls a training interrupted that the app took with it', async () => {
    const library = opened(fakeHost().host)
    await library.train(request)
    library.close()
    await settled(library)
    const [info] = (await opened(fakeHost().host).list()).behaviours
    expect(info).toMatchObject({ state: 'interrupted', reason: null, resumable: false })
  })

  it('lets a training go on from what it left, and no other', async () => {
    const { host, sent, say, exit } = fakeHost()
    const library = opened(host)
    await library.train(request)
    await expect(library.resume(id)).rejects.toThrow(`${id} trains already`)
    say({ kind: 'finished', stopped: true })
    exit()
    await settled(library)
    await expect(library.resume(id)).rejects.toThrow('this training cannot go on')
    const header = headerAt(2048)
    await writeTraining(join(root, id), { header: { ...header, seed: 6 }, tensors: {} })
    await expect(library.resume(id)).rejects.toThrow("is another's")
    await writeTraining(join(root, id), { header, tensors: {} })
    expect((await library.list()).behaviours[0]).toMatchObject({ state: 'stopped', resumable: true })
    expect(await library.resume(id)).toMatchObject({ state: 'training', resumable: false })
    expect(sent.at(-1)).toEqual({ kind: 'train', ...request, folder: join(root, id), resume: true })
  })

  it('refuses what it has already, what it does not know and what has discrete actions', async () => {
    const { host } = fakeHost()
    const library = opened(host)
    await library.train(request)
    await expect(library.train(request)).rejects.toThrow(
      `${id} is there already; let it go on, remove it, or choose another seed`
    )
    await expect(library.train({ ...request, environmentId: 'moon' })).rejects.toThrow(
      'no environment "moon"'
    )
    await expect(library.train({ ...request, environmentId: 'cartpole' })).rejects.toThrow('discrete actions')
    await library.remove(id)
    expect(() => library.stop(id)).toThrow(`${id} does not train now`)
    await expect(library.remove(id)).rejects.toThrow(`there is no behaviour "${id}"`)
    expect(await library.list()).toEqual({ behaviours: [], damaged: [] })
  })
})
