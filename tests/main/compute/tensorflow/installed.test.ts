import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ChildHandle, ProcessHost } from '../../../../src-main/base/processHost.ts'
import { tensorflowEngine } from '../../../../src-main/compute/tensorflow/index.ts'
import { assureTrusted } from '../../../../src-main/compute/tensorflow/probe.ts'
import type { Trial } from '../../../../src-main/compute/tensorflow/tensorflowProbe.ts'

const before = process.env.STITCHWORK_ENGINES
let folder: string
const record = { format: 1, package: 'tensorflow-cpu', version: '2.21.0', gpu: false, verified: true }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stitchwork-engines-'))
  process.env.STITCHWORK_ENGINES = folder
})
afterEach(() => {
  if (before === undefined) delete process.env.STITCHWORK_ENGINES
  else process.env.STITCHWORK_ENGINES = before
  rmSync(folder, { recursive: true })
})

/** Files as an installation leaves them, with nothing in them. */
function install(changes: object = {}): void {
  const lib = join(folder, 'tensorflow', 'lib')
  mkdirSync(lib, { recursive: true })
  for (const name of ['tfjs_binding.node', 'libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'])
    writeFileSync(join(lib, name), name)
  writeFileSync(join(folder, 'tensorflow', 'engine.json'), JSON.stringify({ ...record, ...changes }))
}

/** A host whose child answers, or ends. */
function host(answer: Trial | { readonly signal: string }) {
  const started: string[] = []
  const processes: ProcessHost = {
    start(entry): ChildHandle {
      started.push(entry)
      return {
        pid: 1,
        send: () => undefined,
        onMessage: listener => void ('signal' in answer || queueMicrotask(() => listener(answer))),
        onExit: listener => void ('signal' in answer && queueMicrotask(() => listener(null, answer.signal))),
        kill: () => undefined
      }
    }
  }
  return { processes, started }
}

test('an engine that is not installed says how to install it', async () => {
  const info = await tensorflowEngine.describe()
  expect(info).toMatchObject({ available: false, version: '' })
  expect(info.reason).toMatch(/not installed.*stitchwork engines install tensorflow/)
  await expect(assureTrusted(host({ difference: 0, gpu: false }).processes)).rejects.toMatchObject({
    code: 'engine-unavailable'
  })
})

test('an installed engine is available with its version, without a trial', async () => {
  install()
  expect(await tensorflowEngine.describe()).toMatchObject({
    ...{ available: true, version: '2.21.0', device: 'CPU', reason: null }
  })
})

test('a missing file and a damaged record are told', async () => {
  install()
  rmSync(join(folder, 'tensorflow', 'lib', 'libtensorflow_cc.so.2'))
  expect((await tensorflowEngine.describe()).reason).toMatch(/libtensorflow_cc\.so\.2 is missing.*install/)
  install({ format: 2 })
  expect((await tensorflowEngine.describe()).reason).toMatch(/engine\.json is damaged.*install/)
})

test('an engine that was never tried after it was built is refused', async () => {
  install({ verified: false })
  expect(await tensorflowEngine.describe()).toMatchObject({
    available: false,
    reason: expect.stringMatching(/never tried after it was built; install it again with/)
  })
})

test('an engine is tried once, and again when its files change', async () => {
  install()
  const { processes, started } = host({ difference: 1e-7, gpu: false })
  await assureTrusted(processes)
  await assureTrusted(processes)
  expect(started).toEqual(['tensorflowProbe'])
  writeFileSync(join(folder, 'tensorflow', 'lib', 'tfjs_binding.node'), 'another one')
  await assureTrusted(processes)
  expect(started).toHaveLength(2)
})

test.each<[string, Parameters<typeof host>[0], RegExp]>([
  ['ends its process', { signal: 'SIGILL' }, /ended the trial process \(SIGILL\)/],
  ['throws', { failure: 'a trial step failed: no such op' }, /no such op; install it again/],
  ['computes something else', { difference: 0.3, gpu: false }, /differ from the reference by 0\.30/]
])('an engine that %s is not trusted, and says so from then on', async (_what, answer, message) => {
  install()
  await expect(assureTrusted(host(answer).processes)).rejects.toThrow(message)
  const info = await tensorflowEngine.describe()
  expect(info.available).toBe(false)
  expect(info.reason).toMatch(message)
})

test('a trial on a GPU makes it the device, with its number formats', async () => {
  install({ gpu: true, package: 'tensorflow' })
  expect((await tensorflowEngine.describe()).device).toBe('CPU')
  await assureTrusted(host({ difference: 0, gpu: true }).processes)
  const info = await tensorflowEngine.describe()
  expect(info.device).toBe('GPU')
  expect(info.precisions).toEqual([
    { precision: 'bfloat16', reason: null },
    { precision: 'tf32', reason: null }
  ])
})
