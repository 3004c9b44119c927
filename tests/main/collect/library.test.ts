import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChildHandle, ProcessHost } from '../../../src-main/base/processHost.ts'
import { writeBehaviour } from '../../../src-main/collect/checkpointFiles.ts'
import { createBehaviourLibrary } from '../../../src-main/collect/library.ts'
import { writeTraining } from '../../../src-main/collect/trainingFile.ts'
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

/** The state of the only behaviour once it is no longer in training. */
async function settled(library: ReturnType<typeof createBehaviourLibrary>) {
  for (;;) {
    const change = library.changed(new AbortController().signal)
    const [info] = (await library.list()).behaviours
    if (info.state !== 'training') return info
    await change
  }
}

describe('the library of behaviours', () => {
  it('trains in a process of its own and shows its checkpoints', async () => {
    const { host, sent, say, exit } = fakeHost()
    const library = createBehaviourLibrary(host, root)
    expect(await library.train(request)).toMatchObject({ id, state: 'training', lived: 0, checkpoints: [] })
    const folder = join(root, id)
    expect(sent).toEqual([{ kind: 'train', ...request, folder, resume: false }])
    const state = initPpo({ observationSize: 3, actionSize: 1, hiddenSizes: [4] }, 0)
    const actor = Object.fromEntries(Object.entries(state).filter(([name]) => name.startsWith('actor/')))
    const scale = { mean: new Float32Array(3), deviation: new Float32Array(3).fill(1) }
    const behaviour = { environmentId: 'pendulum', learner: 'ppo', seed: 5, steps: 2048 } as const
    await writeBehaviour(folder, { ...behaviour, returns: [-900, -1100], scale, actor })
    const change = library.changed(new AbortController().signal)
    say({ kind: 'checkpoint', steps: 2048 })
    await change
    const [info] = (await library.list()).behaviours
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
    [null, 'failed', 'its process ended without a word; let it go on, or remove it and train it again']
  ])('remembers how a training ended: %o', async (last, state, reason) => {
    const { host, say, exit } = fakeHost()
    const library = createBehaviourLibrary(host, root)
    await library.train(request)
    if (last !== null) say(last)
    exit()
    expect(await settled(library)).toMatchObject({ state, reason })
    expect(await settled(createBehaviourLibrary(host, root))).toMatchObject({ state, reason })
  })

  it('calls a training interrupted that the app took with it', async () => {
    const library = createBehaviourLibrary(fakeHost().host, root)
    await library.train(request)
    library.close()
    await settled(library)
    const [info] = (await createBehaviourLibrary(fakeHost().host, root).list()).behaviours
    expect(info).toMatchObject({ state: 'interrupted', reason: null, resumable: false })
  })

  it('lets a training go on from what it left, and no other', async () => {
    const { host, sent, say, exit } = fakeHost()
    const library = createBehaviourLibrary(host, root)
    await library.train(request)
    await expect(library.resume(id)).rejects.toThrow(`${id} trains already`)
    say({ kind: 'finished', stopped: true })
    exit()
    await settled(library)
    await expect(library.resume(id)).rejects.toThrow('this training cannot go on')
    const left = {
      learner: 'ppo',
      environmentId: 'pendulum',
      seed: 5,
      steps: 4096,
      checkpointEvery: 2048
    } as const
    const header = { ...left, settings: '{}', lived: 2048, early: 'false' } as const
    await writeTraining(join(root, id), { header: { ...header, seed: 6 }, tensors: {} })
    await expect(library.resume(id)).rejects.toThrow("is another's")
    await writeTraining(join(root, id), { header, tensors: {} })
    expect((await library.list()).behaviours[0]).toMatchObject({ state: 'stopped', resumable: true })
    expect(await library.resume(id)).toMatchObject({ state: 'training', resumable: false })
    expect(sent.at(-1)).toEqual({ kind: 'train', ...request, folder: join(root, id), resume: true })
  })

  it('refuses what it has already, what it does not know and what has discrete actions', async () => {
    const { host } = fakeHost()
    const library = createBehaviourLibrary(host, root)
    await library.train(request)
    await expect(library.train(request)).rejects.toThrow(`${id} is there already; remove it`)
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
