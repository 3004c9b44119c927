import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Comparison } from '../../../src-preload/contract/compare.ts'
import type { Dataset } from '../../../src-preload/contract/datasets.ts'
import type { FreshEvaluation } from '../../../src-preload/contract/evaluations.ts'
import type { Run } from '../../../src-preload/contract/runs.ts'
import { packageRoot } from '../../../src-main/base/entries.ts'
import { exitCodes } from '../../../src-main/cli/exitCodes.ts'

const home = mkdtempSync(join(tmpdir(), 'stitchwork-cli-'))
// What is known of this machine's engines stays as it is, and none is measured here.
process.env['STITCHWORK_ENGINES'] = join(home, 'engines')
const shared = join(packageRoot, '../shared/datasets')
const pendulum = join(shared, 'minari/pendulum/mixed-v0')
afterAll(() => rmSync(home, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly notes: string
}

/** Runs the command line as a person does, in a process of its own. */
function stitchwork(
  args: readonly string[],
  options: { home?: string; onNotes?: (text: string, kill: (signal: NodeJS.Signals) => void) => void } = {}
): Promise<Ended> {
  const child = spawn(process.execPath, ['src-main/index.ts', ...args, '--home', options.home ?? home], {
    cwd: packageRoot,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let out = ''
  let notes = ''
  child.stdout.on('data', (data: Buffer) => (out += data.toString()))
  child.stderr.on('data', (data: Buffer) => {
    notes += data.toString()
    options.onNotes?.(notes, signal => child.kill(signal))
  })
  return new Promise(resolve => child.once('close', code => resolve({ code, out, notes })))
}

/** The JSON result of a command that must succeed. */
async function json<T>(...args: string[]): Promise<T> {
  const { code, out, notes } = await stitchwork([...args, '--json'])
  expect({ code, notes: code === 0 ? '' : notes }).toEqual({ code: 0, notes: '' })
  return JSON.parse(out) as T
}

const csv = join(home, 'small.csv')
const quick = [
  '--set',
  'gradientSteps=60',
  '--set',
  'evalEvery=30',
  '--set',
  'evalEpisodes=2',
  '--set',
  'hiddenSizes=8,8',
  '--set',
  'batchSize=16'
]

describe('command line', () => {
  let dataset: Dataset
  beforeAll(async () => {
    dataset = await json<Dataset>('datasets', 'make', 'crossroads')
  })

  it('makes and lists datasets', async () => {
    expect(dataset).toMatchObject({ episodes: 200, observationShape: [2], actionShape: [2] })
    expect(await json('datasets')).toMatchObject([{ id: dataset.id }])
    const shown = await stitchwork(['datasets', 'show', 'crossroads'])
    expect(shown.out).toContain('Crossroads demonstrations')
    expect(shown.notes).toBe('')
  })

  it.skipIf(!existsSync(pendulum))(
    `imports a file that other software wrote${existsSync(pendulum) ? '' : ' (SKIPPED: shared datasets are absent)'}`,
    async () => {
      const imported = await json<Dataset>('import', pendulum, '--name', 'pendulum')
      expect(imported).toMatchObject({
        name: 'pendulum',
        episodes: 20,
        transitions: 4000,
        observationShape: [3],
        actionShape: [1]
      })
      expect(imported.id).toMatch(/^[a-z0-9-]+$/)
      const twice = await stitchwork(['import', pendulum, '--answer', 'colour=blue'])
      expect(twice).toMatchObject({ code: exitCodes.refused, out: '' })
      expect(twice.notes).toContain('--answer colour=blue: this file asks no such question')
    }
  )

  it('refuses a bad file in one sentence and leaves nothing behind', async () => {
    writeFileSync(csv, 'not,a\n"dataset')
    const before = readdirSync(join(home, 'datasets'))
    const { code, out, notes } = await stitchwork(['import', csv])
    expect({ code, out }).toEqual({ code: exitCodes.refused, out: '' })
    expect(notes.trim().split('\n')).toHaveLength(1)
    expect(notes).toMatch(/^stitchwork: .*small\.csv/)
    expect(readdirSync(join(home, 'datasets'))).toEqual(before)
    expect(readdirSync(join(home, 'staging'))).toEqual([])
  })

  it('trains a plan, compares it, shows its evaluations and exports it', async () => {
    const plan = join(home, 'plan.yaml')
    writeFileSync(
      plan,
      'name: small\ndatasets: [crossroads]\nalgorithms: [bc, { algorithm: awr, label: AWR small }]\nseeds: [0, 1]\n'
    )
    const { experimentId, runs } = await json<{ experimentId: string; runs: Run[] }>('train', plan, ...quick)
    expect(runs.map(run => [run.algorithm, run.seed, run.state, run.progress.step])).toEqual([
      ['bc', 0, 'finished', 60],
      ['bc', 1, 'finished', 60],
      ['awr', 0, 'finished', 60],
      ['awr', 1, 'finished', 60]
    ])
    expect((await json<Run[]>('runs', experimentId)).map(run => run.id).sort()).toEqual(
      runs.map(run => run.id).sort()
    )
    const shown = await json<Run>('runs', 'show', runs[0].id)
    expect(shown).toMatchObject({ precision: 'float32', engine: { precision: 'float32' } })
    const comparison = await json<Comparison>('compare', 'small')
    expect(comparison.groups.map(group => [group.algorithm, group.finalReturn.n]).sort()).toEqual([
      ['awr', 2],
      ['bc', 2]
    ])
    expect((await json<Comparison>('compare', 'crossroads')).groups).toHaveLength(2)
    const evaluations = await json<{ step: number }[]>('evaluate', '--stored', runs[0].id)
    expect(evaluations.map(evaluation => evaluation.step)).toContain(60)
    const made = await json<FreshEvaluation[]>('evaluate', runs[0].id, '--episodes', '3')
    expect(made).toMatchObject([{ runId: runs[0].id, step: 60, episodes: 3, failedEpisodes: 0 }])
    expect(made[0].returns).toHaveLength(3)
    expect(await json('evaluate', '--stored', runs[0].id)).toEqual(evaluations)
    expect((await stitchwork(['compare', 'small'])).out).toMatch(/AWR small .* awr +2 /)
    for (const what of ['policy', 'metrics', 'folder']) {
      const made = await json<{ path: string; sizeBytes: number }>('export', runs[0].id, '--what', what)
      expect(existsSync(made.path)).toBe(true)
      expect(made.sizeBytes).toBeGreaterThan(0)
    }
    expect((await stitchwork(['runs', 'log', runs[0].id])).out).not.toBe('')
    // A dozen commands, each a process that opens the store: seconds apiece where the machine is busy.
  }, 240_000)

  it('says everything that is wrong with a plan before it starts', async () => {
    const { code, notes } = await stitchwork([
      'train',
      '-d',
      'crossroads',
      '-a',
      'iql',
      '--set',
      'expectile=1.5'
    ])
    expect(code).toBe(exitCodes.refused)
    expect(notes).toMatch(/expectile/)
    expect(await json<Run[]>('runs')).toHaveLength(4)
  })

  it('checkpoints its runs at Ctrl+C, and resumes them', async () => {
    const long = [
      'train',
      '-d',
      'crossroads',
      '-a',
      'bc',
      '--name',
      'long',
      '--set',
      'gradientSteps=1000000',
      '--json'
    ]
    const cancelled = await new Promise<Ended>(resolve => {
      const child = spawn(process.execPath, ['src-main/index.ts', ...long, '--home', home], {
        cwd: packageRoot,
        stdio: ['ignore', 'pipe', 'pipe']
      })
      let out = ''
      let notes = ''
      child.stdout.on('data', (data: Buffer) => (out += data.toString()))
      child.stderr.on('data', (data: Buffer) => (notes += data.toString()))
      child.once('close', code => resolve({ code, out, notes }))
      const watch = setInterval(() => {
        void stitchwork(['runs', 'long', '--json']).then(({ out: text }) => {
          const run = text === '' ? undefined : (JSON.parse(text) as Run[])[0]
          if (run === undefined || run.progress.step === 0) return
          clearInterval(watch)
          child.kill('SIGINT')
        })
      }, 1500)
    })
    expect(cancelled.code).toBe(exitCodes.cancelled)
    expect(cancelled.notes).toContain('writing checkpoints')
    const [run] = await json<Run[]>('runs', 'long')
    expect(run.state).toBe('paused')
    expect(run.progress.lastCheckpointStep).toBeGreaterThan(0)
    await json('runs', 'stop', 'long')
  })

  it('uses a host that runs already, and leaves runs to one in the background', async () => {
    const { runs } = await json<{ runs: Run[] }>(
      'train',
      '-d',
      'crossroads',
      '-a',
      'bc',
      '--name',
      'detached',
      '--detach',
      ...quick
    )
    expect(runs).toHaveLength(1)
    let state = ''
    while (state !== 'finished') {
      const [run] = await json<Run[]>('runs', 'detached')
      state = run.state
      expect(['queued', 'starting', 'running', 'finished']).toContain(state)
    }
    const { pid } = await json<{ pid: number }>('serve')
    expect(pid).not.toBe(process.pid)
    process.kill(pid, 'SIGTERM')
    while (existsSync(join(home, 'lock.pid'))) await new Promise(resolve => setTimeout(resolve, 20))
  })

  it('says what is wrong with the words on the line', async () => {
    expect(await stitchwork(['fly'])).toMatchObject({ code: exitCodes.usage, out: '' })
    expect(await stitchwork(['runs', '--colour'])).toMatchObject({ code: exitCodes.usage })
    expect(await stitchwork(['export', 'x', '--what', 'cake'])).toMatchObject({ code: exitCodes.usage })
    const missing = await stitchwork(['runs', 'nothing'])
    expect(missing).toMatchObject({ code: exitCodes.refused })
    expect(missing.notes).toContain('experiment or dataset with runs is called "nothing"')
    const help = await stitchwork(['--help'])
    expect(help.code).toBe(exitCodes.ok)
    for (const word of [
      'import',
      'datasets',
      'train',
      'runs',
      'evaluate',
      'compare',
      'export',
      'serve',
      'demo',
      'doctor',
      'Exit codes'
    ])
      expect(help.out).toContain(word)
  })

  it('examines the installation', async () => {
    const { checks } = await json<{ checks: { name: string; state: string }[] }>('doctor')
    expect(checks.map(check => check.name)).toEqual(
      expect.arrayContaining(['runtime', 'disk', 'window', 'store', 'onnx', 'eager'])
    )
    expect(checks.filter(check => check.state === 'problem')).toEqual([])
  })

  it('starts headless, prints its address, and says how to get the window', async () => {
    const displays = { DISPLAY: process.env['DISPLAY'], WAYLAND_DISPLAY: process.env['WAYLAND_DISPLAY'] }
    delete process.env['DISPLAY']
    delete process.env['WAYLAND_DISPLAY']
    const ended = await stitchwork(['start', '--port', '0'], {
      onNotes: (text, kill) => (text.includes('window') ? kill('SIGTERM') : undefined)
    })
    Object.assign(
      process.env,
      Object.fromEntries(Object.entries(displays).filter(([, value]) => value !== undefined))
    )
    if (existsSync(join(packageRoot, 'out/renderer/index.html'))) {
      expect(ended.code).toBe(exitCodes.ok)
      expect(ended.out).toMatch(/^Stitchwork is at http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}\n$/)
      expect(ended.notes).toContain('DISPLAY or WAYLAND_DISPLAY')
    } else expect(ended.notes).toContain('npm run build')
  })

  it('keeps native code away from an old Node and says what to do', () => {
    const source = readFileSync(join(packageRoot, 'src-main/index.ts'), 'utf8')
    expect(source).not.toMatch(/^import /m)
  })
})
