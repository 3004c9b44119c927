import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChildHandle, ProcessHost } from '../../../src-main/base/processHost.ts'
import { writeBehaviour } from '../../../src-main/collect/checkpointFiles.ts'
import { createBehaviourLibrary } from '../../../src-main/collect/library.ts'
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
    expect(sent).toEqual([{ kind: 'train', ...request, folder }])
    const state = initPpo({ observationSize: 3, actionSize: 1, hiddenSizes: [4] }, 0)
    const actor = Object.fromEntries(Object.entries(state).filter(([name]) => name.startsWith('actor/')))
    const scale = { mean: new Float32Array(3), deviation: new Float32Array(3).fill(1) }
    const behaviour = { environmentId: 'pendulum', learner: 'ppo', seed: 5, steps: 2048 } as const
    await writeBehaviour(folder, { ...behaviour, returns: [-900, -1100], scale, actor })
    const change = library.changed(new AbortController().signal)
    say({ kind: 'checkpoint', steps: 2048 })
    await change
    const [info] = (await library.list()).behaviours
    expect(info).toMatchObject({ lived: 2048, hasReplay: false })
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
    [null, 'failed', 'its process ended without a word; remove it and train it again']
  ])('remembers how a training ended: %o', async (last, state, reason) => {
    const { host, say, exit } = fakeHost()
    const library = createBehaviourLibrary(host, root)
    await library.train(request)
    if (last !== null) say(last)
    exit()
    expect(await settled(library)).toMatchObject({ state, reason })
    expect(await settled(createBehaviourLibrary(host, root))).toMatchObject({ state, reason })
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
